"""How kernels are compiled."""

import numba

# Sums may be reordered (which vectorises the dot product); NaN and infinity keep their meaning.
compiled = numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract", "nsz", "arcp"})
