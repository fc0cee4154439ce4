import ParallelLoops

extension IsolationForest {
    /// Grows a forest; the same rows and parameters give the same forest for any number of threads.
    ///
    /// - Complexity: O(trees · sample · height · columns) at most; columns that vary need one look.
    package static func fit(
        _ matrix: FeatureMatrix, parameters: Parameters, threadCount: Int = 1
    ) throws(ModelError) -> IsolationForest {
        let (sampleCount, heightLimit) = try checkedSample(
            of: matrix, sampleSize: parameters.sampleSize, treeCount: parameters.treeCount,
            heightLimit: parameters.heightLimit)
        try checkNodeCount(
            2 * sampleCount - 1, treeCount: parameters.treeCount, sampleCount: sampleCount)
        let averages = (0...sampleCount).map(averagePathLength)
        let trees = averages.withShared { averages in
            matrix.values.withShared { values in
                parallelMap(parameters.treeCount, threadCount: threadCount) { tree in
                    var builder = IsolationTreeBuilder(
                        matrix, sampleSize: sampleCount, heightLimit: heightLimit,
                        averages: averages,
                        random: SeededRandom(seed: parameters.seed, stream: UInt64(tree)))
                    return builder.build(values)
                }
            }
        }
        var nodes = ForestNodes()
        nodes.reserve(nodeCount: trees.reduce(0) { $0 + $1.nodeCount })
        for tree in trees { nodes.append(tree) }
        return IsolationForest(
            nodes: nodes, columnCount: matrix.columnCount, sampleCount: sampleCount,
            parameters: parameters)
    }
}
