"""Messages between two nodes, signed, sealed, opened and answered as ever, without a network."""

from dataclasses import dataclass

from federation import Node
from federation.chunks.incoming import take_chunk
from federation.inbox import receive
from protocols.charter import Member


@dataclass(frozen=True)
class Door:
    """The inbox of another node, without the network between."""

    node: Node
    sender: Member

    @property
    def member(self) -> Member:
        return self.node.member

    def deliver(self, gss: str, sealed: bytes) -> str:
        return receive(self.node, gss, self.sender, sealed)

    def store_chunk(self, digest: str, chunk: bytes) -> None:
        take_chunk(self.node, self.sender, digest, chunk)
