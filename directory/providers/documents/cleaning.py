"""What may be kept as a document, and given to others: of its kind, and without its metadata."""

from io import BytesIO

from directory.intake.apart.running import Fell, run_apart
from directory.intake.attachments.errors import AttachmentError
from directory.intake.attachments.kinds import kind_of
from directory.providers.documents.cleaner import LONGEST_ANSWER
from directory.providers.documents.errors import Unfit
from protocols.attachments import MAX_ATTACHED, MediaType

DOCUMENTS: tuple[MediaType, ...] = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)
LARGEST = MAX_ATTACHED
TOO_LARGE = (
    f"The file is larger than {LARGEST // 1024**2} MB. Save it with smaller pictures, and choose "
    "it again"
)
_CLEANER = "directory.providers.documents.cleaner"


def cleaned(data: bytes) -> tuple[MediaType, bytes]:
    """A file's kind, and the file without what it says of who wrote it and with what. Looked into
    before and after: what it is made into has nothing packed in which something could hide.

    Raises Unfit.
    """
    if len(data) > LARGEST:
        raise Unfit(TOO_LARGE)
    kind = _kind(data)
    try:
        clean = run_apart(_CLEANER, data, LONGEST_ANSWER)
    except Fell:
        raise Unfit(
            "The file could not be read in the time and memory that a document may take, or it is "
            "damaged. Print it to a new PDF, and choose that"
        ) from None
    if len(clean) > LARGEST:
        raise Unfit(TOO_LARGE)
    if _kind(clean) != kind:
        raise Unfit("The file is of two kinds at once. Print it to a new PDF, and choose that")
    return kind, clean


def _kind(data: bytes) -> MediaType:
    try:
        kind = kind_of(BytesIO(data))
    except AttachmentError as error:
        raise Unfit(f"The file {error}") from None
    if kind not in DOCUMENTS:
        raise Unfit("The file is a picture. Choose a PDF or a Word document (.docx)")
    return kind
