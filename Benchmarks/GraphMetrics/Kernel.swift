import GraphEngine
import GraphMetrics

/// What a kernel computed: a value for each position, and figures about the whole graph.
struct KernelOutcome {
    var values: [Double]
    var more: [String: Double] = [:]
}

/// A kernel as the benchmark runs it.
struct Kernel {
    let name: String
    let run: () -> KernelOutcome

    /// All kernels, at the tolerances that the peers are asked for too.
    static func all(
        _ graph: GraphSnapshot, threads: Int, sourceCount: Int, chosenSources: [Int32]?
    ) -> [Kernel] {
        [
            Kernel(name: "components") {
                KernelOutcome(
                    values: connectedComponents(graph, threadCount: threads).map { Double($0) })
            },
            Kernel(name: "core") {
                KernelOutcome(values: coreNumbers(graph, threadCount: threads).map { Double($0) })
            },
            Kernel(name: "clustering") {
                KernelOutcome(values: localClustering(graph, threadCount: threads))
            },
            Kernel(name: "articulation") {
                KernelOutcome(values: articulationPoints(graph).map { $0 ? 1 : 0 })
            },
            Kernel(name: "pagerank") {
                KernelOutcome(
                    values: pageRank(
                        graph, tolerance: Tolerance.pageRank, threadCount: threads))
            },
            Kernel(name: "eigenvector") {
                KernelOutcome(
                    values: eigenvectorCentrality(
                        graph, tolerance: Tolerance.eigenvector, threadCount: threads
                    ).values)
            },
            Kernel(name: "closeness") {
                let values = closenessValues(
                    graph, sourceCountMax: sourceCount > 0 ? sourceCount : nil, seed: 1,
                    threadCount: threads)
                return KernelOutcome(values: values?.closeness ?? [])
            },
            Kernel(name: "betweenness") {
                KernelOutcome(
                    values: betweennessCentrality(
                        graph, sources: chosenSources, threadCount: threads))
            },
            Kernel(name: "louvain") { louvainCommunities(graph, threadCount: threads).outcome },
            Kernel(name: "leiden") { leidenCommunities(graph, threadCount: threads).outcome },
        ]
    }
}

extension CommunityPartition {
    fileprivate var outcome: KernelOutcome {
        KernelOutcome(values: labels.map { Double($0) }, more: ["modularity": modularity])
    }
}

/// What the kernels and the peers stop at.
enum Tolerance {
    /// The sum of the errors of all nodes.
    static let pageRank = 1e-6
    /// The residual beside the eigenvalue.
    static let eigenvector = 1e-8
}
