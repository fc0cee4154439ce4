import ArgumentParser
import Foundation

/// A column of `vigil metrics`, by its name there.
enum Metric: String, CaseIterable, Sendable {
    case degree
    case degreeCentrality = "degree_centrality"
    case inDegree = "in_degree"
    case outDegree = "out_degree"
    case strength
    case triangles
    case clustering = "clustering_coefficient"
    case coreNumber = "core_number"
    case component
    case isArticulationPoint = "is_articulation_point"
    case pageRank = "pagerank"
    case eigenvector = "eigenvector_centrality"
    case closeness = "closeness_centrality"
    case harmonic = "harmonic_centrality"
    case betweenness = "betweenness_centrality"
    case community

    /// What people type: the column's name, or its first word where that is no other column.
    private var names: [String] {
        switch self {
        case .clustering: [rawValue, "clustering"]
        case .coreNumber: [rawValue, "core"]
        case .component: [rawValue, "components"]
        case .isArticulationPoint: [rawValue, "articulation"]
        case .eigenvector: [rawValue, "eigenvector"]
        case .closeness: [rawValue, "closeness"]
        case .harmonic: [rawValue, "harmonic"]
        case .betweenness: [rawValue, "betweenness"]
        case .community: [rawValue, "communities"]
        default: [rawValue]
        }
    }

    init?(_ name: String) {
        guard let metric = Self.allCases.first(where: { $0.names.contains(name) }) else {
            return nil
        }
        self = metric
    }
}

/// The metrics named on the command line, with commas between them.
struct MetricChoice: ExpressibleByArgument {
    /// The chosen ones.
    let metrics: Set<Metric>

    /// All of them.
    static let all = MetricChoice(metrics: Set(Metric.allCases))

    private init(metrics: Set<Metric>) { self.metrics = metrics }

    init?(argument: String) {
        guard argument != "all" else {
            self = .all
            return
        }
        let names = argument.split(separator: ",", omittingEmptySubsequences: false)
        let metrics = names.compactMap {
            Metric($0.trimmingCharacters(in: .whitespaces).lowercased())
        }
        guard metrics.count == names.count else { return nil }
        self.metrics = Set(metrics)
    }

    var defaultValueDescription: String { "all" }
}
