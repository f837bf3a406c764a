"""A site's word for who a visitor is: a JSON Web Token that it signs (RFC 7519), good for one user and a short time."""

import time

HEADER = "X-Reelwise-User"
WANTED = f"Send a token of the site that is still valid as `{HEADER}: TOKEN`."
AUDIENCE = "reelwise"
LONGEST = 24 * 3600  # seconds that a token may have left; whoever finds an old one can do nothing with it


class Visitors:
    """Reads tokens. Only those signed by HS256 with the secret count, whatever they say of themselves.

    Args:
        secret: that the site and this server share.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def user_of(self, token: str) -> str | None:
        """The id of the user whom a token is for; None where it is not the site's, or its time is over or too long."""
        import jwt

        try:
            claims = jwt.decode(
                token, self._secret, algorithms=["HS256"], audience=AUDIENCE, options={"require": ["exp", "sub"]}
            )
        except jwt.InvalidTokenError:
            return None
        user, ends = claims["sub"], claims["exp"]
        return user if user and ends - time.time() <= LONGEST else None
