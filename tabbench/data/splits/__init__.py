"""Cut a task into train and test, and train into what is fitted on and valid.

All chance comes from the raw words of PCG64 and a stable sort: numpy promises both, while
`Generator.permutation` and scikit-learn's splitters may change from one release to the next.
"""

from tabbench.data.splits.dealing import shuffled
from tabbench.data.splits.fixed import fixed_rule, rows_hash
from tabbench.data.splits.inner import cut_valid, kind_inside
from tabbench.data.splits.outer import make_split

__all__ = ["cut_valid", "fixed_rule", "kind_inside", "make_split", "rows_hash", "shuffled"]
