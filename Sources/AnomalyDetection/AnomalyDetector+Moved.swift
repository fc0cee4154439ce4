import GraphEngine
package import GraphMetrics

extension GlobalEpoch {
    /// Relative change of a global metric from which on an entity is worth judging again; below it
    /// no calibrated tail probability moves by a severity.
    private static var movedShareMin: Double { 0.1 }

    /// Entities whose global metrics newer ones move, in ascending order of their ids; all of them where
    /// there were none before.
    ///
    /// Some may be gone by now.
    /// Also those that only their surroundings have moved to another core, component or community:
    /// what is stored of them is of the time of their own last change.
    ///
    /// - Complexity: O(nodes · log nodes)
    package static func entitiesMoved(
        by metrics: GlobalMetrics, after epoch: GlobalEpoch?
    ) -> [Int64] {
        var moved: [Int64] = []
        for (position, key) in metrics.nodeKeys.enumerated() {
            guard let before = epoch?.position(of: key), let old = epoch?.metrics else {
                moved.append(key.rawValue)
                continue
            }
            let pairs = [
                (old.betweenness[before], metrics.betweenness[position]),
                (old.closeness[before], metrics.closeness[position]),
                (old.eigenvector[before], metrics.eigenvector[position]),
                (old.pageRank[before], metrics.pageRank[position]),
            ]
            let isNamedAnew =
                old.coreNumber[before] != metrics.coreNumber[position]
                || old.isArticulationPoint[before] != metrics.isArticulationPoint[position]
                || old.name(of: old.component, at: before)
                    != metrics.name(of: metrics.component, at: position)
                || old.name(of: old.community, at: before)
                    != metrics.name(of: metrics.community, at: position)
            let hasMoved =
                isNamedAnew
                || pairs.contains { old, new in
                    abs(new - old) > movedShareMin * max(abs(new), abs(old))
                        && max(abs(new), abs(old)) > noiseMax
                }
            if hasMoved {
                moved.append(key.rawValue)
            }
        }
        return moved
    }

    /// Values below this are the residue of the power iteration, not a place in the graph.
    private static var noiseMax: Double { 1e-6 }
}
