package import AnomalyDetection
import AnomalyModels
package import ChangeFeed

/// The results of one batch, or of a part of a large one: everything that one write transaction stores.
package struct BatchResults: Sendable {
    /// Entities and relationships, each at most once.
    package var judgements: [Judgement] = []
    package var metrics: [EntityMetrics] = []
    /// Subgraphs as they are now, for the judgements that hold an anomaly.
    package var subgraphs: [Subject: String] = [:]
    package var deletedEntityIDs: [Int64] = []
    package var deletedRelationshipIDs: [Int64] = []
    /// Deleted relationships that have an open anomaly as far as is known here.
    ///
    /// Their triggers have closed it, unless it was being written while they were deleted.
    package var closedRelationshipIDs: [Int64] = []
    /// Anomalies that are as severe as they were: scored, and their rows left to be renewed later.
    package var repeated: [Subject] = []
    /// Judged normal now, or inactive, with an open anomaly: it is resolved by itself.
    package var calmed: [Subject] = []
    /// What the model in use and its challenger say, where there is one.
    package var shadow: ShadowVerdicts?
    /// The database's time of the batch, in seconds since 1970.
    package var asOf: Double
    /// An anomaly that was resolved by itself since then is opened again where its cause returns.
    package var reopensSince: Double

    /// Results as of a time; without a time since which anomalies are opened again, none is.
    package init(asOf: Double, reopensSince: Double = .infinity) {
        self.asOf = asOf
        self.reopensSince = reopensSince
    }
}

/// What the model in use and its challenger say of the same subjects.
package struct ShadowVerdicts: Sendable {
    /// What one of the two says.
    package struct Side: Sendable {
        package var pValue, anomalyScore: Double
        package var isAnomaly: Bool

        package init(pValue: Double, anomalyScore: Double, isAnomaly: Bool) {
            self.pValue = pValue
            self.anomalyScore = anomalyScore
            self.isAnomaly = isAnomaly
        }
    }

    /// What both say of one subject.
    package struct Row: Sendable {
        package var subject: Subject
        package var champion, challenger: Side
        /// Whether the judgement that is stored is the challenger's.
        package var isWrittenByChallenger: Bool

        package init(
            _ subject: Subject, champion: Side, challenger: Side, isWrittenByChallenger: Bool
        ) {
            self.subject = subject
            self.champion = champion
            self.challenger = challenger
            self.isWrittenByChallenger = isWrittenByChallenger
        }
    }

    package var championVersion, challengerVersion: String
    /// Each subject at most once.
    package var rows: [Row] = []

    /// Nothing yet, of two models.
    package init(championVersion: String, challengerVersion: String) {
        self.championVersion = championVersion
        self.challengerVersion = challengerVersion
    }
}

/// Where the feed stands after the batch; stored in the same transaction as its results.
package struct FeedProgress: Sendable {
    package var snapshot: FeedSnapshot
    package var epoch: Int64
    package var changeCount: Int
    package var isReplay: Bool

    package init(snapshot: FeedSnapshot, epoch: Int64, changeCount: Int, isReplay: Bool = false) {
        self.snapshot = snapshot
        self.epoch = epoch
        self.changeCount = changeCount
        self.isReplay = isReplay
    }
}

/// An anomaly that a write has opened, for the first time or again.
package struct OpenedAnomaly: Sendable, Equatable {
    package var id: String
    package var subject: Subject
}
