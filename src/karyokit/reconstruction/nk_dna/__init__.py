"""The knowledge store of KEMR-Net ("Neural Knowledge DNA"): networks, states, actions and experiences, kept in plain files.

The paper names the four elements and stores the parameters of its CRFs among them; what a state holds and how an action is chosen are
our reading (spec 6.3). A store without experiences is one fixed CRF, which is what the paper ran.
"""

from karyokit.reconstruction.nk_dna.apply import Decided, apply_action, refine_with_store
from karyokit.reconstruction.nk_dna.learning import experience_of, learn
from karyokit.reconstruction.nk_dna.persistence import load_store, save_store
from karyokit.reconstruction.nk_dna.records import KEEP, Action, Experience, Network
from karyokit.reconstruction.nk_dna.states import FEATURES, state_of
from karyokit.reconstruction.nk_dna.store import KnowledgeStore, merge_stores

__all__ = [
    "FEATURES",
    "KEEP",
    "Action",
    "Decided",
    "Experience",
    "KnowledgeStore",
    "Network",
    "apply_action",
    "experience_of",
    "learn",
    "load_store",
    "merge_stores",
    "refine_with_store",
    "save_store",
    "state_of",
]
