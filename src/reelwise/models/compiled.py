"""How kernels are compiled."""

from reelwise._memory import TRAINING, require_address_space

require_address_space(TRAINING)  # LLVM ends the process where it cannot have that

import numba  # noqa: E402

# Sums may be reordered (which vectorises the dot product); NaN and infinity keep their meaning.
compiled = numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract", "nsz", "arcp"})
