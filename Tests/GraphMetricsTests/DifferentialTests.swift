import Foundation
import GraphEngine
import Testing

@testable import GraphMetrics

/// Kept metrics against recomputation over long random sequences of changes.
///
/// `VIGIL_DIFFERENTIAL_COUNT` changes in all (100,000 unless told) and `VIGIL_DIFFERENTIAL_SEED` choose
/// a longer run or another one: `make differential` runs a million.
@Suite("Kept metrics equal recomputed ones")
struct DifferentialTests {
    static let mutationCount = number("VIGIL_DIFFERENTIAL_COUNT") ?? 100_000
    static let seed = UInt64(number("VIGIL_DIFFERENTIAL_SEED") ?? 1)

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    @Test("after long sequences of insertions and removals", arguments: SequenceKind.all)
    func sequences(kind: SequenceKind) {
        // Several sequences instead of one: each begins with an empty graph.
        let partCount = 5
        let count = Self.mutationCount / SequenceKind.all.count / partCount
        for part in 0..<partCount {
            let seed = Self.seed &* 1_000 &+ UInt64(part)
            let sequence = kind.sequence(count: count, seed: seed)
            guard let failure = SequenceRun.failure(of: sequence, kind, comparedEvery: 250) else {
                continue
            }
            Issue.record(
                "\(kind.name), seed \(seed), \(failure)\n\(Self.minimalText(sequence, kind))")
            return
        }
    }

    @Test("also from a PageRank that was computed beside them", arguments: SequenceKind.all)
    func adoptedPageRank(kind: SequenceKind) throws {
        let sequence = kind.sequence(count: 3_000, seed: 11)
        var run = SequenceRun(edgeVisitsMax: kind.edgeVisitsMax)
        run.metrics.edgePushesMax = 0
        for mutation in sequence[..<1_500] { run.apply(mutation) }
        let isAdoptedWithoutLog = run.metrics.adoptPageRank(DynamicPageRank())
        #expect(!isAdoptedWithoutLog)
        let frozen = run.graph
        run.metrics.beginPageRankLog()
        for mutation in sequence[1_500...] { run.apply(mutation) }
        let snapshot = frozen.makeSnapshot()
        let computed = IncrementalMetrics.pageRank(
            of: frozen, snapshot: snapshot, ranks: pageRank(snapshot, tolerance: 1e-12))
        let isAdopted = run.metrics.adoptPageRank(computed)
        #expect(isAdopted)
        #expect(run.difference() == nil)
        run.metrics.edgePushesMax = .max
        run.metrics.finishBatch(run.graph)
        #expect(run.metrics.pageRank.errorBound <= run.metrics.pageRank.errorMax)
        #expect(run.difference() == nil)
    }

    @Test("also when batches are bounded: the error of PageRank is the stated one")
    func boundedPushes() {
        let kind = SequenceKind.all[1]
        var run = SequenceRun(edgeVisitsMax: kind.edgeVisitsMax)
        run.metrics.edgePushesMax = 40
        var isBeyond = false
        for (step, mutation) in kind.sequence(count: 3_000, seed: 5).enumerated() {
            run.apply(mutation)
            guard step % 50 == 0 else { continue }
            run.metrics.finishBatch(run.graph)
            let bound = run.metrics.pageRank.errorBound
            isBeyond = isBeyond || bound > run.metrics.pageRank.errorMax
            let snapshot = run.graph.makeSnapshot()
            let ranks = pageRank(snapshot, tolerance: 1e-13)
            var error = 0.0
            for position in 0..<snapshot.nodeCount {
                guard let node = run.graph.nodeIndex(of: snapshot.nodeKeys[position]) else {
                    continue
                }
                error += abs(run.metrics.pageRank(of: node) - ranks[position])
            }
            #expect(error <= bound + 1e-12, "step \(step)")
        }
        #expect(isBeyond)
    }

    /// Shrinks a failing sequence, compared after every step, until each mutation in it is needed.
    private static func minimalText(_ sequence: [Mutation], _ kind: SequenceKind) -> String {
        // Where it first shows is enough to begin with; then every step is compared.
        let minimal = minimized(sequence) {
            SequenceRun.failure(of: $0, kind, comparedEvery: $0.count > 200 ? 250 : 1) != nil
        }
        let lines = minimal.map { "    \($0)," }.joined(separator: "\n")
        return "minimal sequence of \(minimal.count):\n\(lines)"
    }

    @Test("a failing sequence is shrunk to what it needs")
    func shrinking() {
        let minimal = minimized(Array(0..<500)) { $0.contains(17) && $0.contains(402) }
        #expect(minimal == [17, 402])
    }
}
