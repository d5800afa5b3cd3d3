"""A node's status as figures that Prometheus collects: counts, times and sizes, nobody's names.

https://prometheus.io/docs/instrumenting/exposition_formats/. A figure that is not known is left
out; a `timestamp` is in seconds since 1970.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from directory.node.status.service import NodeStatus, PeerStatus
from federation import WitnessStanding

METRICS_TYPE = CONTENT_TYPE_LATEST


def as_metrics(status: NodeStatus) -> bytes:
    """The status in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(_Status(status))
    return generate_latest(registry)


class _Status(Collector):
    def __init__(self, status: NodeStatus) -> None:
        self._status = status

    def collect(self) -> Iterator[GaugeMetricFamily]:
        status, own = self._status, self._status.own
        yield _one("log_entries", "Entries of our own log.", own.size if own else 0)
        yield _one("staged_records", "Records that wait to be signed.", status.staged)
        yield _one("disk_free_bytes", "Room left for the node's data.", status.free)
        yield _one(
            "charter_expires_timestamp_seconds", "When the charter ends.", _seconds(status.expires)
        )
        if status.worker:
            seen = _seconds(status.worker.at)
            yield _one("worker_seen_timestamp_seconds", "When the worker was last alive.", seen)
        yield _one(
            "publishing_waits",
            "1 while something keeps this node from signing.",
            bool(status.why_not_published),
        )
        if status.waits_for_quorum:
            yield _one(
                "waits_for_quorum_timestamp_seconds",
                "Since when our latest checkpoint has waited for its quorum.",
                _seconds(status.waits_for_quorum),
            )
        peers = [peer.member.node for peer in status.peers]
        for name, help_, values in _of_peers(status.peers):
            yield _each(f"peer_{name}", help_, "peer", peers, values)
        versions = GaugeMetricFamily(
            "hearth_peer_version", "1, with what it says that it runs.", labels=["peer", "version"]
        )
        for peer in status.peers:
            if peer.contact and peer.contact.version:
                versions.add_metric([peer.member.node, peer.contact.version], 1)
        yield versions
        witnesses = [one.name for one in status.witnesses]
        for name, help_, values in _of_witnesses(status.witnesses):
            yield _each(f"witness_{name}", help_, "witness", witnesses, values)


def _of_witnesses(
    witnesses: list[WitnessStanding],
) -> Iterable[tuple[str, str, list[float | None]]]:
    yield (
        "cosigned_entries",
        "Entries of our log that it has cosigned.",
        [float(one.size) for one in witnesses],
    )
    yield (
        "cosigned_timestamp_seconds",
        "When it last cosigned, by its own clock.",
        [_seconds(one.cosigned_at) if one.cosigned_at else None for one in witnesses],
    )
    yield (
        "in_trouble",
        "1 while it does not cosign.",
        [float(bool(one.trouble)) for one in witnesses],
    )


def _of_peers(peers: list[PeerStatus]) -> Iterable[tuple[str, str, list[float | None]]]:
    met = [peer.contact for peer in peers]
    yield (
        "last_answer_timestamp_seconds",
        "When it last answered.",
        [_seconds(one.answered_at) if one and one.answered_at else None for one in met],
    )
    yield (
        "last_verified_timestamp_seconds",
        "When its log was last verified to its end.",
        [
            _seconds(one.log.verified_at) if one.log and one.log.verified_at else None
            for one in peers
        ],
    )
    yield (
        "in_trouble",
        "1 while something is in the way of following or reaching it.",
        [
            float(bool((one.contact and one.contact.problem) or (one.log and one.log.trouble)))
            for one in peers
        ],
    )
    yield (
        "snapshot_in_trouble",
        "1 while its latest snapshot is not taken.",
        [float(bool(one.snapshot_trouble)) for one in peers],
    )
    yield (
        "held_entries",
        "Entries of its log that are held here.",
        [float(one.log.size if one.log else 0) for one in peers],
    )
    yield (
        "backlog_in_entries",
        "Entries of its log that are not held here yet.",
        [float(one.backlog_in) for one in peers],
    )
    yield (
        "backlog_out_entries",
        "Entries of our log that it has not verified yet.",
        [float(one.backlog_out) for one in peers],
    )
    yield (
        "waiting_messages",
        "Messages for its authorities that have no receipt.",
        [float(sum(each.messages for each in one.waits.values())) for one in peers],
    )
    yield (
        "oldest_waiting_timestamp_seconds",
        "When the oldest of them was queued.",
        [_seconds(one.oldest.since) if one.oldest else None for one in peers],
    )
    yield (
        "clock_ahead_seconds",
        "How far its clock is ahead of ours.",
        [float(one.ahead_s) if one and one.ahead_s is not None else None for one in met],
    )


def _one(name: str, help_: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"hearth_{name}", help_, value)


def _each(
    name: str, help_: str, label: str, of: list[str], values: list[float | None]
) -> GaugeMetricFamily:
    """A figure of each; of those of which it is not known, none."""
    family = GaugeMetricFamily(f"hearth_{name}", help_, labels=[label])
    for one, value in zip(of, values, strict=True):
        if value is not None:
            family.add_metric([one], value)
    return family


def _seconds(when: datetime) -> float:
    return when.timestamp()
