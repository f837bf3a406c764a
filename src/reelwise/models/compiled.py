"""How kernels are compiled."""

from reelwise._memory import TRAINING, require_address_space
from reelwise.errors import EngineError

require_address_space(TRAINING)  # LLVM ends the process where it cannot have that

try:
    import numba
except ValueError as error:  # what it reads of its variables
    raise EngineError(f"numba failed to start ({error}); check the NUMBA_* environment variables") from None

# Sums may be reordered (which vectorises the dot product); NaN and infinity keep their meaning.
compiled = numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract", "nsz", "arcp"})
