import AnomalyDetection
import Logging
import PostgresClient
import Storage

/// Compares what the sidecar holds in memory with the tables, a block of rows at a time, beside the feed.
///
/// A block is read as it was at the place of the feed at which memory is, so that a difference is one.
/// Both sides are hashed; where the hashes differ, the rows are named, looked at a second time, and read
/// again by the follower. What differs even then, or is too much, has the whole graph loaded again.
struct MemoryAudit: Sendable {
    let options: Sidecar.Options
    let logger: Logger
    let desk: AuditDesk

    /// Rows of a block: some milliseconds of the server's time.
    private static let blockRowCount = 4_096
    /// More rows than a block had when it was cut are left to the next round.
    private static let readRowCountMax = 4 * blockRowCount
    /// To read more rows again one by one would take longer than to load the graph.
    private static let healedCountMax = 8_192
    /// So many times what a block took is rested.
    ///
    /// Two thirds of that time is work, here or in the server, the rest is waiting: so it comes to a tenth
    /// of one core.
    private static let restFactor = 6
    private static let pauseAfterFailure = Duration.seconds(2)

    enum Kind: String, CaseIterable {
        case entity, relationship
    }

    /// A range of ids, and those in it that memory held when the round began.
    private struct Block {
        var range: ClosedRange<Int64>
        var ids: ArraySlice<Int64>
    }

    /// What a comparison of a block has shown.
    private struct Comparison {
        var rowCount = 0
        var tableHash: UInt64 = 0
        var memoryHash: UInt64 = 0
        var differing: Set<Int64> = []
        var isCutOff = false
    }

    /// What is known from round to round.
    private struct Findings {
        var reports = Dictionary(
            uniqueKeysWithValues: Kind.allCases.map { ($0, AuditStore.Report(kind: $0.rawValue)) })
        /// Relationships in the table without an end: nothing can hold them.
        var orphans: Set<Int64> = []
    }

    /// Runs until the task is cancelled; what fails is logged and tried again.
    func run() async {
        let executor = BlockingExecutor.forLongWork()
        await withTaskExecutorPreference(executor) {
            var findings = Findings()
            while !Task.isCancelled {
                do {
                    if desk.isOpen { try await audit(&findings, on: executor) }
                } catch is CancellationError {
                } catch {
                    logger.warning("the audit was interrupted", metadata: ["reason": "\(error)"])
                }
                try? await Task.sleep(for: Self.pauseAfterFailure)
            }
        }
    }

    /// One round after the other, as long as somebody follows.
    private func audit(
        _ findings: inout Findings, on executor: BlockingExecutor
    ) async throws {
        let connection = try await PostgresConnection.connect(
            options.conninfo, applicationName: "vigil audit", on: executor)
        do {
            try await connection.execute(AuditStore.sessionSettings)
            while !Task.isCancelled, desk.isOpen {
                for kind in Kind.allCases {
                    try await audit(kind, &findings, on: connection)
                }
            }
            await connection.close()
        } catch {
            await connection.close()
            throw error
        }
    }

    // MARK: - One round

    private func audit(
        _ kind: Kind, _ findings: inout Findings, on connection: PostgresConnection
    ) async throws {
        let started = ContinuousClock.now
        var (blocks, share) = try await cut(kind)
        var round = Comparison()
        while let block = blocks.popLast() {
            let began = ContinuousClock.now
            let comparison = try await compare(kind, block, findings.orphans, on: connection)
            round.rowCount += comparison.rowCount
            round.tableHash &+= comparison.tableHash
            round.memoryHash &+= comparison.memoryHash
            round.differing.formUnion(comparison.differing)
            if !comparison.differing.isEmpty {
                try await settle(kind, block, comparison, &findings, on: connection)
            }
            let took = ContinuousClock.now - began
            try await Task.sleep(for: max(took * Self.restFactor, share - took))
        }
        guard var report = findings.reports[kind] else { return }
        report.rounds += 1
        report.rowCount = round.rowCount
        report.tableHash = round.tableHash
        report.memoryHash = round.memoryHash
        report.differing = round.differing.count
        report.seconds = (ContinuousClock.now - started) / .seconds(1)
        try await write(report, as: kind, &findings, on: connection)
    }

    private func write(
        _ report: AuditStore.Report, as kind: Kind, _ findings: inout Findings,
        on connection: PostgresConnection
    ) async throws {
        var report = report
        if kind == .relationship, !findings.orphans.isEmpty {
            report.note =
                "\(findings.orphans.count) relationships name entities that do not exist"
        }
        try await AuditStore.write(report, on: connection)
        report.hasFound = false
        findings.reports[kind] = report
    }

    /// Cuts the ids into blocks that together leave out none, and says how long one may take.
    private func cut(_ kind: Kind) async throws -> (blocks: [Block], share: Duration) {
        let copy = try await desk.borrow()
        let ids =
            kind == .entity ? copy.detector.everyEntityID : copy.detector.everyRelationshipID
        var blocks: [Block] = []
        var lower = Int64.min
        for start in stride(from: 0, to: max(1, ids.count), by: Self.blockRowCount) {
            let end = min(start + Self.blockRowCount, ids.count)
            let upper = end < ids.count ? ids[end - 1] : Int64.max
            blocks.append(Block(range: lower...upper, ids: ids[start..<end]))
            lower = upper == .max ? upper : upper + 1
        }
        // Both kinds share a round, by the number of their rows.
        let detector = copy.detector
        let count = kind == .entity ? detector.everyRelationshipCount : detector.everyEntityCount
        let otherBlockCount = max(1, (count + Self.blockRowCount - 1) / Self.blockRowCount)
        return (blocks.reversed(), copy.interval / (blocks.count + otherBlockCount))
    }

    /// Compares a block as it was at the place of the feed at which a copy of memory is.
    private func compare(
        _ kind: Kind, _ block: Block, _ orphans: Set<Int64>, on connection: PostgresConnection
    ) async throws -> Comparison {
        let copy = try await desk.borrow()
        let types = TypeCodes(copy.detector.catalog)
        switch kind {
        case .entity:
            let rows = try await AuditStore.entities(
                in: block.range, at: copy.place, types: types, limit: Self.readRowCountMax,
                on: connection)
            return compare(
                rows.entities.lazy.map { ($0.id, $0.digest) }, rows, block,
                held: copy.detector.digest(ofEntity:))
        case .relationship:
            let rows = try await AuditStore.relationships(
                in: block.range, at: copy.place, types: types, limit: Self.readRowCountMax,
                on: connection)
            let detector = copy.detector
            let held = rows.relationships.lazy.filter {
                !orphans.contains($0.id) || detector.hasEnds(of: $0)
            }
            return compare(
                held.map { ($0.id, detector.digest(of: $0)) }, rows, block,
                held: detector.digest(ofRelationship:))
        }
    }

    private func compare(
        _ table: some Sequence<(Int64, UInt64)>, _ rows: AuditedRows, _ block: Block,
        held: (Int64) -> UInt64?
    ) -> Comparison {
        var comparison = Comparison(isCutOff: rows.isCutOff)
        var seen = rows.touched
        for (id, digest) in table where !rows.touched.contains(id) {
            seen.insert(id)
            comparison.rowCount += 1
            comparison.tableHash &+= digest
            let own = held(id)
            comparison.memoryHash &+= own ?? 0
            if own != digest { comparison.differing.insert(id) }
        }
        guard !rows.isCutOff else { return comparison }
        for id in block.ids where !seen.contains(id) {
            guard let own = held(id) else { continue }
            comparison.memoryHash &+= own
            comparison.differing.insert(id)
        }
        return comparison
    }

    // MARK: - A difference

    /// Looks a second time, has the rows read again, and looks whether that has helped.
    private func settle(
        _ kind: Kind, _ block: Block, _ first: Comparison, _ findings: inout Findings,
        on connection: PostgresConnection
    ) async throws {
        let second = try await compare(kind, block, findings.orphans, on: connection)
        let confirmed = first.differing.intersection(second.differing)
        guard !confirmed.isEmpty, var report = findings.reports[kind] else { return }
        logger.error(
            "memory differs from the tables; reading the rows again",
            metadata: [
                "kind": "\(kind.rawValue)", "rows": "\(confirmed.count)",
                "ids": "\(confirmed.sorted().prefix(8))",
            ])
        report.found += confirmed.count
        report.hasFound = true
        var left = confirmed
        if confirmed.count <= Self.healedCountMax {
            let ids = confirmed.sorted()
            let orphans = try await desk.heal(
                kind == .entity
                    ? AuditDesk.Wanted(entityIDs: ids) : AuditDesk.Wanted(relationshipIDs: ids))
            if !orphans.isEmpty {
                logger.error(
                    "relationships name entities that do not exist; they are left out",
                    metadata: ["ids": "\(orphans.sorted().prefix(8))"])
                findings.orphans.formUnion(orphans)
            }
            let third = try await compare(kind, block, findings.orphans, on: connection)
            left = confirmed.intersection(third.differing)
            report.healed += confirmed.count - left.count - orphans.count
        }
        if !left.isEmpty {
            report.reloads += 1
            logger.error(
                "memory cannot be healed row by row; loading again",
                metadata: ["kind": "\(kind.rawValue)", "rows": "\(left.count)"])
            desk.askForReload()
        }
        try await write(report, as: kind, &findings, on: connection)
    }
}
