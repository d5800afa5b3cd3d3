"""What a federation costs in requests, on paper: bounds that follow from what a worker does.

They are calculated from how often a worker looks (`federation.worker`), never from what was
measured, and the bench of a federation compares the two. Requests to nginx's cache count as well.

**Until all is everywhere.** A follower fetches each bundle of entries once, and with it the bundle
of its payloads: B requests a bundle. All else is for a pair of a node and a log:

- once: a token for its author, the question before the first signature how far the own log is known
  there, and a bell to say that the own log has grown;
- three looks: at the start, when the author's bell rings, and a second one soon after, since a
  cache may have answered the first. Each is for the log's checkpoint and, until the author holds
  all of the own log, for its copy of that. The first two ask for its snapshot besides;
- as many looks more as the safety net makes meanwhile.

No tile of hashes is among them: a few thousand new entries prove themselves. A node's own log has
no requests, and asking for charters and comparing what is held costs a node two requests each time
that it looks, however many members there are: they are within the pairs of a node with itself.

**While nothing happens** the safety net remains. **One publishing**, of however many records, costs
for each other member a bell, two looks, two bundles, a snapshot, the question what is held there,
and a token on either side where the last is used up.
"""

import math

B = 2
ONCE = 3 + 3 * 2 + 2
EACH_LOOK = 2
# As of `federation.worker`: a look at each log, give or take a fifth; once in so many of them at
# the snapshot, too, with a new token.
POLL_S = 30.0
SNAPSHOT_POLLS = 20
SHORTEST_POLL_S = POLL_S * 0.8
_POLLS_AN_HOUR = 3600 / POLL_S
_IDLE_PAIR = _POLLS_AN_HOUR + 2 * _POLLS_AN_HOUR / SNAPSHOT_POLLS
_IDLE_NODE = 2 * _POLLS_AN_HOUR
_ONE_PUBLISHING = 1 + 2 + 2 + 1 + 1 + 2


def a_within(seconds: float) -> int:
    """The most requests for a pair of a node and a log, bundles apart, until all is everywhere,
    when that takes so long.
    """
    return ONCE + EACH_LOOK * math.ceil(seconds / SHORTEST_POLL_S)


def pairs(nodes: int) -> int:
    """Of a node and a log that is not its own."""
    return nodes * (nodes - 1)


def idle_an_hour(nodes: int) -> int:
    """Requests of all nodes together in an hour in which nothing happens."""
    return round(pairs(nodes) * _IDLE_PAIR + nodes * _IDLE_NODE)


def one_publishing(nodes: int) -> int:
    """The most requests of all nodes together for one publishing."""
    return (nodes - 1) * _ONE_PUBLISHING
