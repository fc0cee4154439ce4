// Connected components by breadth-first search: J. Hopcroft, R. Tarjan, "Algorithm 447: efficient
// algorithms for graph manipulation", Communications of the ACM 16 (1973), doi:10.1145/362248.362272.
//
// Direction is ignored. Nodes are tried as starts in ascending order of their keys, so the label of a
// component, the position of its smallest key, needs no second pass.

package import GraphEngine
import ParallelLoops

/// The component of each node, named by the position of its smallest key.
/// - Complexity: O(nodes + edges).
package func connectedComponents(_ graph: GraphSnapshot) -> [Int32] {
    let nodeCount = graph.nodeCount
    let labels = Scratch<Int32>(repeating: -1, count: nodeCount)
    let queue = Scratch<Int32>(repeating: 0, count: nodeCount)
    graph.offsets.withUnsafeBufferPointer { offsets in
        graph.targets.withUnsafeBufferPointer { targets in
            for first in graph.positionsByKey where labels[Int(first)] < 0 {
                let start = Int(first)
                labels[start] = Int32(start)
                queue[0] = Int32(start)
                var head = 0
                var tail = 1
                while head < tail {
                    let node = Int(queue[head])
                    head += 1
                    for entry in row(offsets, node) {
                        let neighbor = targets[entry]
                        guard labels[Int(neighbor)] < 0 else { continue }
                        labels[Int(neighbor)] = Int32(start)
                        queue[tail] = neighbor
                        tail += 1
                    }
                }
            }
        }
    }
    return labels.array()
}
