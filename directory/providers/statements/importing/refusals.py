"""Why a file is not read: by codes, which pass from the reader's process to the node's."""

from enum import StrEnum

LARGEST = 25_000_000  # bytes


class Refusal(StrEnum):
    """Each with what a person is told beside the field."""

    TOO_LARGE = "too large"
    NOT_WHAT_IT_SAYS = "not what it says"
    OLD_WORD = "old word"
    PROTECTED = "protected"
    RUNS = "runs"
    NESTED = "nested"
    NO_TEXT = "no text"
    TOO_MUCH = "too much"
    INFECTED = "infected"
    NOT_SCANNED = "not scanned"


WORDS = {
    Refusal.TOO_LARGE: f"The file is larger than {LARGEST // 1_000_000} MB, or unpacks to far more "
    "than a document holds. Save it without its pictures, and choose it again",
    Refusal.NOT_WHAT_IT_SAYS: "The file is no PDF and no Word document (DOCX), or it is damaged. "
    "Open it, save it as one of the two, and choose it again",
    Refusal.OLD_WORD: "The file is in Word’s old form (DOC), or is protected by a password. Open "
    "it in Word, save it as a Word document (DOCX) without a password, and choose it again",
    Refusal.PROTECTED: "The file is protected by a password, so nobody can read it here. Save it "
    "without a password, and choose it again",
    Refusal.RUNS: "The file holds a macro or a script, which no document needs. Save it as a plain "
    "Word document (DOCX) or print it to a PDF, and choose it again",
    Refusal.NESTED: "The file has other files inside it. Save it without them, and choose it again",
    Refusal.NO_TEXT: "The file holds no text: it may be a scan. Choose the document that it was "
    "printed from, or write the sections here",
    Refusal.TOO_MUCH: "The file could not be read in the time and memory that a document may take. "
    "Save it again as a Word document (DOCX), or write the sections here",
    Refusal.INFECTED: "The virus scanner found something harmful in the file. Nothing of it was "
    "read or kept. Tell whoever looks after the computer that it came from",
    Refusal.NOT_SCANNED: "The file could not be scanned for viruses just now, so it was not read. "
    "Try again in a few minutes; if it happens again, tell the people who run this node",
}


class Refused(Exception):
    """A file is not read, for a reason."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(WORDS[refusal])
        self.refusal = refusal
