import AnomalyModels
import GraphEngine

/// What is asked of the active rows at one end of a relationship.
struct EndRows: Sendable, Equatable {
    /// Rows with a known time up to that of the question, and those of them within the window.
    var datedCount = 0
    var windowCount = 0
    /// Rows to the other end, and rows from it.
    var forthCount = 0
    var backCount = 0
    /// The amounts that the end sends by the type of the relationship: how many, the median of their
    /// logarithms, and how far above it nine in ten stay.
    var sentCount = 0
    var sentMedianLogarithm = Double.nan
    var sentSpread = Double.nan

    /// The share of the amounts that ``sentSpread`` covers.
    static let spreadShare = 0.9
}

/// A question about the rows at one end of a relationship.
struct EndQuestion {
    /// The end, the other end, and the type whose amounts are asked for.
    var node, other: NodeIndex
    var typeCode: Int32
    /// The window, and the time of the question.
    var window: ClosedRange<Double>?
    var asOf: Double
}

/// The answers about a node with many rows, kept so that a relationship of a hub does not cost the
/// hub's degree.
struct HubRows: Sendable {
    /// A node with more rows than this is a hub, until it has fewer than half of them.
    static let rowCountMin = 128

    private var times = SortedValues()
    /// Rows to and from each neighbour.
    private var partners: [NodeIndex: SIMD2<Int32>] = [:]
    /// What it sends, by relationship type.
    private var sent: [Int32: LogarithmSketch] = [:]

    /// The active rows of a node, counted at once.
    init(of node: NodeIndex, in graph: AdjacencyGraph) {
        var dates: [Double] = []
        var amounts: [Int32: [Double]] = [:]
        graph.withIncidentEdges(of: node) { rows in
            dates.reserveCapacity(rows.count)
            for row in rows {
                let edge = graph.edge(at: row)
                let attributes = edge.attributes
                guard attributes.isActive else { continue }
                dates.append(attributes.time)
                let isOut = edge.source == node
                let step = SIMD2<Int32>(isOut ? 1 : 0, isOut ? 0 : 1)
                partners[isOut ? edge.target : edge.source, default: .zero] &+= step
                if isOut, attributes.weight > 0, attributes.weight.isFinite {
                    amounts[attributes.typeCode, default: []].append(attributes.weight)
                }
            }
        }
        times = SortedValues(dates)
        sent = amounts.mapValues { LogarithmSketch($0) }
    }

    /// Counts a row of `node` in (`change` 1) or out (-1).
    mutating func count(_ edge: Edge, of node: NodeIndex, by change: Int32) {
        let isOut = edge.source == node
        let other = isOut ? edge.target : edge.source
        let attributes = edge.attributes
        if change > 0 { times.insert(attributes.time) } else { times.remove(attributes.time) }
        let counts =
            partners[other, default: .zero] &+ SIMD2(isOut ? change : 0, isOut ? 0 : change)
        partners[other] = counts == .zero ? nil : counts
        guard isOut, attributes.weight > 0 else { return }
        if change > 0 {
            sent[attributes.typeCode, default: LogarithmSketch()].add(attributes.weight)
        } else {
            sent[attributes.typeCode]?.remove(attributes.weight)
            if sent[attributes.typeCode]?.count == 0 { sent[attributes.typeCode] = nil }
        }
    }

    /// The answer to a question about this node.
    func answer(_ question: EndQuestion) -> EndRows {
        let partner = partners[question.other] ?? .zero
        var rows = EndRows(
            datedCount: times.count(through: question.asOf), forthCount: Int(partner.x),
            backCount: Int(partner.y))
        if let window = question.window {
            let last = min(window.upperBound, question.asOf)
            rows.windowCount = max(
                0, times.count(through: last) - times.count(through: window.lowerBound.nextDown))
        }
        if let amounts = sent[question.typeCode] {
            rows.sentCount = amounts.count
            rows.sentMedianLogarithm = amounts.medianLogarithm
            rows.sentSpread =
                amounts.logarithm(atShare: EndRows.spreadShare) - rows.sentMedianLogarithm
        }
        return rows
    }
}

extension EndRows {
    /// The answer from the rows themselves.
    /// - Complexity: O(rows of the node)
    init(_ question: EndQuestion, in graph: AdjacencyGraph) {
        var amounts: [Double] = []
        graph.withIncidentEdges(of: question.node) { rows in
            for row in rows {
                let edge = graph.edge(at: row)
                let attributes = edge.attributes
                guard attributes.isActive else { continue }
                if attributes.time <= question.asOf {
                    datedCount += 1
                    if question.window?.contains(attributes.time) == true { windowCount += 1 }
                }
                let isOut = edge.source == question.node
                if isOut {
                    if edge.target == question.other { forthCount += 1 }
                    if attributes.typeCode == question.typeCode, attributes.weight > 0 {
                        amounts.append(attributes.weight)
                    }
                } else if edge.source == question.other {
                    backCount += 1
                }
            }
        }
        sentCount = amounts.count { $0.isFinite }
        sentMedianLogarithm = LogarithmSketch.medianLogarithm(of: amounts)
        sentSpread =
            LogarithmSketch.logarithm(of: amounts, atShare: Self.spreadShare) - sentMedianLogarithm
    }
}
