package import PostgresClient
import Foundation
package import SampleGraph
import SampleLoading
import Storage

/// A sample graph in a database with Vigil.
package struct SampleWorld: Sendable {
    /// Rows loaded.
    package let entityCount: Int
    package let relationshipCount: Int
    package let observationCount: Int
    /// Database ids of the entities, ascending.
    package let entityIDs: [Int64]

    /// Installs Vigil and loads the sample graph.
    package static func load(
        _ graph: SampleGraph, on database: PostgresConnection
    ) async throws -> SampleWorld {
        try await Installation.install(on: database)
        var ids = SampleIDs()
        try await ids.load(graph, now: graph.options.now, on: database) { _, _, _ in }
        return SampleWorld(
            entityCount: graph.entities.count, relationshipCount: graph.relationships.count,
            observationCount: graph.observations.count, entityIDs: ids.entityIDs.values.sorted())
    }

    /// A sample graph that ends now.
    package static func generate(entityCount: Int, seed: UInt64) -> SampleGraph {
        let now = Date().timeIntervalSince1970.rounded(.down)
        return SampleGraph.generate(
            SampleGraph.Options(seed: seed, now: now, entityCount: entityCount))
    }

    /// A sample graph that ends now and has about so many relationships.
    ///
    /// A large one has 4.6 for each entity, a small one fewer: so the size is found by trying.
    package static func generate(relationshipCount: Int, seed: UInt64) -> SampleGraph {
        var entityCount = Double(relationshipCount) / 4.6
        var graph: SampleGraph
        var attempts = 0
        repeat {
            graph = generate(
                entityCount: max(SampleGraph.Options.entityCountMin, Int(entityCount)), seed: seed)
            attempts += 1
            let share = Double(relationshipCount) / Double(graph.relationships.count)
            if abs(share - 1) < 0.05 || entityCount * share < 1000 { break }
            entityCount *= share
        } while attempts < 4
        return graph
    }
}

extension SampleWorld: CustomStringConvertible {
    /// The rows, by table.
    package var description: String {
        "\(entityCount) entities, \(relationshipCount) relationships, \(observationCount) observations"
    }
}
