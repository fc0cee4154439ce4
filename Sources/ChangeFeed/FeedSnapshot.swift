/// Which transactions were over at one moment: PostgreSQL's `pg_snapshot`.
///
/// A transaction is visible when its id is below `xmax` and it was not in progress. Ids from `xmax`
/// on had not ended, whether or not they had begun: they are not listed.
package struct FeedSnapshot: Sendable, Equatable {
    /// The lowest id that was still in progress; every lower one was over.
    package let xmin: UInt64
    /// One more than the highest id that was over.
    package let xmax: UInt64
    /// The ids between that were in progress, ascending.
    package let inProgress: [UInt64]

    /// A snapshot with the given parts, which obey `xmin <= inProgress < xmax`, ascending.
    package init(xmin: UInt64, xmax: UInt64, inProgress: [UInt64] = []) {
        precondition(xmin <= xmax, "xmin is at most xmax")
        precondition(
            Self.areOrdered(inProgress, from: xmin, below: xmax),
            "transactions in progress ascend from xmin and stay below xmax")
        self.xmin = xmin
        self.xmax = xmax
        self.inProgress = inProgress
    }

    /// The snapshot of a text such as `100:105:100,102`.
    package init(parsing text: String) throws(FeedError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let xmin = Self.transactionID(parts[0]),
            let xmax = Self.transactionID(parts[1])
        else { throw Self.malformed(text) }
        var inProgress: [UInt64] = []
        if !parts[2].isEmpty {
            for part in parts[2].split(separator: ",", omittingEmptySubsequences: false) {
                guard let id = Self.transactionID(part) else { throw Self.malformed(text) }
                inProgress.append(id)
            }
        }
        guard xmin > 0, xmin <= xmax, Self.areOrdered(inProgress, from: xmin, below: xmax) else {
            throw Self.malformed(text)
        }
        self.xmin = xmin
        self.xmax = xmax
        self.inProgress = inProgress
    }

    /// Whether the transaction was over at that moment.
    ///
    /// - Complexity: O(log n) in the number of transactions in progress.
    package func isVisible(_ xid: UInt64) -> Bool {
        if xid < xmin { return true }
        if xid >= xmax { return false }
        return !isInProgress(xid)
    }

    /// Whether the transaction is listed as in progress.
    package func isInProgress(_ xid: UInt64) -> Bool {
        var low = 0
        var high = inProgress.count
        while low < high {
            let middle = (low + high) / 2
            if inProgress[middle] < xid { low = middle + 1 } else { high = middle }
        }
        return low < inProgress.count && inProgress[low] == xid
    }

    private static func transactionID(_ text: Substring) -> UInt64? {
        // UInt64 takes a sign, which PostgreSQL never writes.
        guard let first = text.first, first.isASCII, first.isNumber else { return nil }
        return UInt64(text)
    }

    private static func areOrdered(
        _ ids: [UInt64], from lower: UInt64, below upper: UInt64
    ) -> Bool {
        var lowest = lower
        for id in ids {
            guard id >= lowest, id < upper else { return false }
            lowest = id + 1
        }
        return true
    }

    private static func malformed(_ text: String) -> FeedError {
        FeedError(
            code: .malformedSnapshot,
            message: "\"\(text.prefix(80))\" is not a snapshot of the form xmin:xmax:xid,xid")
    }
}

extension FeedSnapshot: CustomStringConvertible {
    /// The text as PostgreSQL writes it.
    package var description: String {
        "\(xmin):\(xmax):\(inProgress.map(String.init).joined(separator: ","))"
    }
}
