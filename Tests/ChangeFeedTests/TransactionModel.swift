import ChangeFeed

/// Transaction ids as PostgreSQL hands them out, and the snapshots that it would take.
struct TransactionModel {
    private(set) var inProgress: Set<UInt64> = []
    private(set) var committed: Set<UInt64> = []
    private var nextID: UInt64
    private var latestEnded: UInt64

    init(firstID: UInt64 = 700) {
        nextID = firstID
        latestEnded = firstID - 1
    }

    mutating func begin() -> UInt64 {
        defer { nextID += 1 }
        inProgress.insert(nextID)
        return nextID
    }

    mutating func commit(_ xid: UInt64) {
        end(xid)
        committed.insert(xid)
    }

    mutating func end(_ xid: UInt64) {
        inProgress.remove(xid)
        latestEnded = max(latestEnded, xid)
    }

    /// As `GetSnapshotData` does: ids beyond the latest that ended are not listed.
    func snapshot() -> FeedSnapshot {
        let xmax = latestEnded + 1
        let listed = inProgress.filter { $0 < xmax }.sorted()
        return FeedSnapshot(xmin: listed.first ?? xmax, xmax: xmax, inProgress: listed)
    }

    /// What a query with the range and the retried ids finds under the current snapshot.
    func rows(of read: FeedRead, under snapshot: FeedSnapshot) -> [UInt64] {
        committed.filter { xid in
            snapshot.isVisible(xid)
                && ((xid >= read.from && xid < read.upTo) || read.retried.contains(xid))
        }
    }
}
