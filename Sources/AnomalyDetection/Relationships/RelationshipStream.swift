import AnomalyModels
import Foundation
import GraphEngine

/// What the edge stream said of one relationship when it came.
struct StreamVerdict: Sendable, Equatable {
    /// -log10 of the smallest tail probability of a channel, without a floor.
    var strangeness: Float
    /// The probability of all channels together, which has one.
    var tailProbability: Float
    /// The decayed count of that channel and what its past let expect; NaN where no longer known.
    var count = Float.nan
    var expected = Float.nan
    /// The channel; nil where no longer known.
    var channel: EdgeStreamDetector.Channel?

    /// Standard deviations above what was expected.
    var deviation: Double { Double((count - expected) / expected.squareRoot()) }
}

/// The edge stream over the relationship types that recur, and what it said of their relationships.
///
/// Each new row is one record. A row says nothing of the stream where it came much later than it was
/// made, as with an import of old rows. One byte for every row of the graph tells how strange it was;
/// figures are kept of the strange ones alone.
struct RelationshipStream: Sendable {
    /// Rows that are behind the newest by more than this are not records of now.
    static let latenessSecondsMax = 600.0
    /// Figures are kept of rows with a smaller probability.
    static let toldProbability = 0.05
    /// So many figures are kept at most, about 40 MB; then the least strange half is forgotten.
    static let figuresMax = 1 << 20
    /// So many rows, the newest, are replayed after a cold start: about two seconds.
    static let replayedRowsMax = 4_000_000

    /// The codes of the types whose rows are records.
    let typeCodes: Set<Int32>
    /// False in a copy that only asks what would be.
    var isLearning = true
    private var detector: EdgeStreamDetector
    /// By position of the row: 0 for silence, else 1 + strangeness in steps of 1/32.
    private var codes = PagedArray<UInt8>()
    private var figures: [Int64: StreamVerdict] = [:]
    private var figuresProbability = toldProbability
    /// The time of the newest record.
    private var newest = -Double.infinity

    private static let stepsPerDecade: Float = 32

    /// A stream over the rows of these types; nil where there is none.
    init?(typeCodes: Set<Int32>) {
        guard !typeCodes.isEmpty, let detector = try? EdgeStreamDetector() else { return nil }
        self.typeCodes = typeCodes
        self.detector = detector
    }

    /// How many records stand behind its probabilities.
    var calibratedCount: Int { detector.calibratedCount }

    /// The memory of the tables and verdicts in bytes.
    var byteCount: Int { detector.byteCount + codes.count + figures.count * 40 }

    /// Takes new rows as records, in order of their times.
    mutating func feed(_ rows: [EdgeIndex], in graph: AdjacencyGraph) {
        guard isLearning else { return }
        let records = rows.compactMap { row -> (time: Double, key: EdgeKey, row: EdgeIndex)? in
            let edge = graph.edge(at: row)
            let attributes = edge.attributes
            guard attributes.isActive, attributes.time.isFinite,
                typeCodes.contains(attributes.typeCode)
            else { return nil }
            return (attributes.time, edge.key, row)
        }.sorted { ($0.time, $0.key) < ($1.time, $1.key) }
        for record in records.suffix(Self.replayedRowsMax) {
            let edge = graph.edge(at: record.row)
            guard record.time >= newest - Self.latenessSecondsMax else { continue }
            newest = max(newest, record.time)
            let verdict = detector.update(
                source: UInt64(bitPattern: graph.nodeKey(at: edge.source).rawValue),
                target: UInt64(bitPattern: graph.nodeKey(at: edge.target).rawValue),
                time: record.time)
            note(verdict, of: record.key, at: record.row)
        }
    }

    /// What was said of a row when it came; nil where nothing was.
    func verdict(of key: EdgeKey, at row: EdgeIndex) -> StreamVerdict? {
        guard Int(row) < codes.count, codes[Int(row)] > 0 else { return nil }
        if let known = figures[key.rawValue] { return known }
        let strangeness = Float(codes[Int(row)] - 1) / Self.stepsPerDecade
        return StreamVerdict(
            strangeness: strangeness,
            tailProbability: Self.probability(strangeness, smallest: smallestProbability))
    }

    mutating func forget(_ key: EdgeKey, at row: EdgeIndex) {
        figures[key.rawValue] = nil
        if Int(row) < codes.count { codes[Int(row)] = 0 }
    }

    /// The code of a row, to be put back where the row moves.
    func code(at row: EdgeIndex) -> UInt8 { Int(row) < codes.count ? codes[Int(row)] : 0 }

    mutating func setCode(_ code: UInt8, at row: EdgeIndex) {
        guard code > 0 || Int(row) < codes.count else { return }
        codes.grow(to: Int(row) + 1, filledWith: 0)
        codes[Int(row)] = code
    }

    private var smallestProbability: Float {
        detector.calibratedCount > 0 ? 1 / (20 * Float(detector.calibratedCount)) : 1
    }

    private static func probability(_ strangeness: Float, smallest: Float) -> Float {
        let channels = Float(EdgeStreamDetector.Channel.allCases.count)
        return min(1, channels * max(Float(pow(10, -Double(strangeness))), smallest))
    }

    private mutating func note(
        _ verdict: EdgeStreamDetector.Verdict, of key: EdgeKey, at row: EdgeIndex
    ) {
        guard !verdict.strangeness.isNaN, let channel = verdict.channel else { return }
        let strangeness = Float(verdict.strangeness)
        setCode(1 + UInt8(min(254, max(0, strangeness * Self.stepsPerDecade))), at: row)
        guard verdict.tailProbability < figuresProbability else { return }
        if figures.count >= Self.figuresMax { forgetFigures() }
        figures[key.rawValue] = StreamVerdict(
            strangeness: strangeness, tailProbability: Float(verdict.tailProbability),
            count: Float(verdict.counts[channel.rawValue]),
            expected: Float(verdict.expected[channel.rawValue]), channel: channel)
    }

    private mutating func forgetFigures() {
        figuresProbability /= 2
        figures = figures.filter { Double($0.value.tailProbability) < figuresProbability }
        // Under a flood nearly all are as strange as can be: then the bytes alone remain.
        if figures.count > Self.figuresMax / 2 { figures = [:] }
    }
}

extension AnomalyDetector {
    /// Types with fewer rows than this are no stream.
    private static let streamRowsMin = 1000
    /// A type recurs where at least this share of its rows repeat a pair of ends.
    private static let repeatedShareMin = 0.1

    /// The relationship types whose rows repeat: records of something that goes on, not facts.
    /// - Complexity: O(relationships)
    package func recurringTypes() -> Set<Int32> {
        var counts: [Int32: (rows: Int, repeated: Int)] = [:]
        for node in 0..<NodeIndex(graph.nodeIndexBound) where graph.isLive(node) {
            graph.withIncidentEdges(of: node) { rows in
                // The rows of a pair lie together.
                var other: NodeIndex = -1
                var seen: [Int32] = []
                for row in rows {
                    let edge = graph.edge(at: row)
                    guard edge.attributes.isActive, edge.source == node else { continue }
                    if edge.target != other {
                        other = edge.target
                        seen.removeAll(keepingCapacity: true)
                    }
                    let code = edge.attributes.typeCode
                    let isRepeated = seen.contains(code)
                    if !isRepeated { seen.append(code) }
                    let known = counts[code] ?? (0, 0)
                    counts[code] = (known.rows + 1, known.repeated + (isRepeated ? 1 : 0))
                }
            }
        }
        return Set(
            counts.filter {
                $0.value.rows >= Self.streamRowsMin
                    && Double($0.value.repeated)
                        >= Self.repeatedShareMin * Double($0.value.rows)
            }.keys)
    }

    /// Follows the rows of the types that recur as a stream, beginning with those that are there; those of
    /// the challenger in another one where its types are others.
    mutating func followStreams() {
        let types = judging.recurringTypeCodes
        let challengers = challenging?.recurringTypeCodes ?? types
        let (first, second) = (relationships.stream, relationships.challengerStream)
        relationships.stream = nil
        relationships.challengerStream = nil
        // A challenger that was promoted brings its stream.
        relationships.stream = stream(of: types, known: [first, second])
        relationships.isStreamShared = challengers == types
        if !relationships.isStreamShared {
            relationships.challengerStream = stream(of: challengers, known: [second, first])
        }
    }

    private func stream(
        of typeCodes: Set<Int32>, known: [RelationshipStream?]
    ) -> RelationshipStream? {
        if let same = known.lazy.compactMap({ $0 }).first(where: { $0.typeCodes == typeCodes }) {
            return same
        }
        guard var stream = RelationshipStream(typeCodes: typeCodes) else { return nil }
        var rows: [EdgeIndex] = []
        graph.forEachEdge { row, edge in
            if typeCodes.contains(edge.attributes.typeCode) { rows.append(row) }
        }
        stream.feed(rows, in: graph)
        return stream
    }
}
