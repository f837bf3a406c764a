"""Publishing a model on the Hugging Face Hub: one commit with the files of the model folder, and its card."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reelwise.artifacts.card import is_untouched, model_card
from reelwise.artifacts.files import CARD, FILES, LARGEST_CARD
from reelwise.artifacts.folder import write_model
from reelwise.artifacts.integrity import check_integrity, names_of
from reelwise.artifacts.model import Model, without_histories
from reelwise.errors import UsageError
from reelwise.remote.hub import HubAddress
from reelwise.remote.hub_client import hub_api, quiet_client
from reelwise.remote.translate_errors import translate_hub_errors
from reelwise.storage.arrays import require_regular
from reelwise.storage.working_folders import working_folder

if TYPE_CHECKING:
    from huggingface_hub import HfApi


@dataclass(frozen=True)
class Publication:
    """How to publish a model.

    Attributes:
        address: the repository, and the branch if it is not to be `main`; both are made if need be.
        private: whether the repository is to be private, and one that is public refused; None leaves a new one to the
            account's own default.
        pull_request: whether to propose the commit instead of making it.
        histories: whether to publish what the users rated, and who they are.
        overwrite_card: whether to replace a card that was edited on the Hub.
    """

    address: HubAddress
    private: bool | None = None
    pull_request: bool = False
    histories: bool = True
    overwrite_card: bool = False


@dataclass(frozen=True)
class Published:
    """The outcome of publishing.

    Attributes:
        url: of the commit, or of the pull request.
        commit: its hash.
        unchanged: whether all of it was there already, so that there is no new commit.
        card_kept: whether a card that somebody edited was left as it is.
        histories_before: whether earlier commits of the repository hold histories that this one leaves out.
    """

    url: str
    commit: str
    unchanged: bool
    card_kept: bool
    histories_before: bool


def publish(folder: Path, publication: Publication) -> Published:
    """Publish the model in `folder`.

    Everything is checked before anything is sent. Files of a model that is there and that this one does not have are
    removed by the same commit; all other files of the repository stay.

    Raises:
        ModelError: Raised when the model is broken, or changed since it was written.
        UsageError: Raised when the model would be useless without histories, or what is to be private would go to a
            public repository.
        DownloadError: Raised when the Hub refuses it or cannot be reached.
    """
    if publication.pull_request and publication.address.revision not in (None, "main"):
        raise UsageError("a pull request goes to the main branch; leave out the revision")
    model = Model.load(folder)
    check_integrity(folder, model.config.sha256)
    with ExitStack() as stack:
        if not publication.histories:
            folder = stack.enter_context(working_folder("reelwise-scratch-")) / "model"
            write_model(folder, without_histories(model))
            model = Model.load(folder)
        stack.enter_context(translate_hub_errors(str(publication.address)))
        stack.enter_context(quiet_client())
        return _commit(folder, model, publication)


def _commit(folder: Path, model: Model, publication: Publication) -> Published:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    api, (repository, branch) = hub_api(), publication.address
    _create_repository(api, publication)
    there = api.model_info(repository, revision=branch)
    names = {file.rfilename for file in there.siblings or []}
    card = None if _is_edited(api, publication, names) else _make_card(folder, model, repository)
    sent = [name for name in names_of(model.config.sha256) if name != CARD and (folder / name).exists()]
    operations: list[CommitOperationAdd | CommitOperationDelete] = [
        CommitOperationAdd(name, folder / name) for name in sent
    ]
    if card is not None:
        operations.append(CommitOperationAdd(CARD, card))
    gone = names.intersection(FILES).difference(sent) - {CARD}
    operations += [CommitOperationDelete(name) for name in sorted(gone)]
    made = api.create_commit(
        repository,
        operations,
        commit_message=f"Reelwise model {model.description.revision} of {model.config.dataset.name}",
        revision=branch,
        create_pr=publication.pull_request,
        parent_commit=there.sha,  # a commit in between is a conflict, and is not undone by ours
    )
    return Published(
        url=made.pr_url or made.commit_url,
        commit=made.oid,
        unchanged=made.oid == there.sha,
        card_kept=card is None,
        histories_before=any(name.startswith("history_") for name in gone),
    )


def _create_repository(api: "HfApi", publication: Publication) -> None:
    """Create the repository and the branch, where they are not there yet.

    Raises:
        UsageError: Raised when the repository is to be private, and is there and public.
    """
    repository, branch = publication.address
    if not publication.pull_request:  # which goes to a repository that is there, often of others
        api.create_repo(repository, private=publication.private, exist_ok=True)
    if publication.private and not api.model_info(repository).private:
        raise UsageError(f"{HubAddress(repository)} is public; make it private on its page, or leave out --private")
    if branch not in (None, "main") and not publication.pull_request:
        api.create_branch(repository, branch=str(branch), exist_ok=True)


def _is_edited(api: "HfApi", publication: Publication, names: set[str]) -> bool:
    """Whether the card on the Hub was edited, and is to stay."""
    if publication.overwrite_card or CARD not in names:
        return False
    path = api.hf_hub_download(publication.address.repository, CARD, revision=publication.address.revision)
    return not is_untouched(Path(path).read_text(encoding="utf-8", errors="replace"))


def _make_card(folder: Path, model: Model, repository: str) -> bytes:
    """The card of the folder if it was edited; otherwise one that names the repository."""
    card = folder / CARD
    if card.exists():
        require_regular(card, LARGEST_CARD)
    if card.is_file() and not is_untouched(card.read_text(encoding="utf-8", errors="replace")):
        return card.read_bytes()
    return model_card(model.config, model.metrics, repository).encode()
