/// An invented world of companies, people, infrastructure and threats with months of history.
///
/// The graph has what makes real data hard: hubs with hundreds of neighbours, communities with few
/// links between them, honest bursts, weekends and nights, missing values, entities that went
/// quiet, and corrections over time. Names live in reserved domains and documentation address
/// ranges, so nothing here points at anything real. The same options give the same graph, byte
/// for byte.
package struct SampleGraph: Sendable, Equatable {
    /// What to generate.
    package struct Options: Sendable, Equatable {
        /// Where all chance comes from.
        package var seed: UInt64
        /// The end of the history, seconds since 1970.
        package var now: Double
        /// The exact number of entities.
        package var entityCount: Int
        /// How far the history reaches back, in months of 30 days.
        package var monthsOfHistory: Int

        /// The share of the entities to plant anomalies in, at most 0.01.
        package var anomalyShare: Double

        /// The most anomalies: what is common is not strange.
        package static let anomalyShareMax = 0.01
        /// The smallest world in which every scenario finds its victims.
        package static let entityCountMin = 1000
        /// The shortest history in which an account can have lived and then slept half a year.
        package static let monthsOfHistoryMin = 7

        /// The options of a demonstration, unless said otherwise.
        package init(
            seed: UInt64, now: Double, entityCount: Int = 6000, monthsOfHistory: Int = 9,
            anomalyShare: Double = 0
        ) {
            precondition(entityCount >= Self.entityCountMin, "too few entities for a world")
            precondition(monthsOfHistory >= Self.monthsOfHistoryMin, "too short a history")
            precondition(
                (0...Self.anomalyShareMax).contains(anomalyShare), "anomalies are rare")
            self.seed = seed
            self.now = now
            self.entityCount = entityCount
            self.monthsOfHistory = monthsOfHistory
            self.anomalyShare = anomalyShare
        }

        /// The begin of the history.
        package var start: Double { now - Double(monthsOfHistory) * 30 * 86_400 }
    }

    /// What the graph was made from.
    package let options: Options
    /// All entities; the one with reference r is at position r - 1.
    package let entities: [SampleEntity]
    /// All relationships; the one with reference r is at position r - 1.
    package let relationships: [SampleRelationship]
    /// All past updates, in the order of time.
    package let observations: [SampleObservation]
    /// What was planted, by case; never part of the data.
    package let truth: [PlantedTruth]

    /// Makes the world that belongs to the options.
    ///
    /// - Complexity: O(entities + relationships + observations · log observations)
    package static func generate(_ options: Options) -> SampleGraph {
        var builder = WorldBuilder(options)
        builder.build()
        builder.buildCommerce()
        var planter = AnomalyPlanter(builder)
        planter.plant()
        var history = HistoryWriter(options, plans: planter.plans)
        history.write(&planter.builder)
        return SampleGraph(
            options: options, entities: planter.builder.entities,
            relationships: planter.builder.relationships, observations: history.observations,
            truth: planter.truth)
    }

    /// The entity with a reference of this graph.
    package func entity(_ reference: Int) -> SampleEntity {
        entities[reference - 1]
    }
}
