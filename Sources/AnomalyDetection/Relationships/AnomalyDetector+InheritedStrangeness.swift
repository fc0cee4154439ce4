import AnomalyModels
import Foundation
import GraphEngine

/// The strangest of an entity's newest relationships, which the entity inherits.
struct StrangestRelationship: Sendable {
    let subject: RelationshipSubject
    /// What the detectors said of it, and what that comes to.
    let verdicts: [DetectorVerdict]
    let pValue: Double
    /// Among how many it was chosen.
    let looks: Int

    /// The entity's verdict: the probability times the number looked at.
    var verdict: DetectorVerdict {
        DetectorVerdict(
            detector: .relationships, score: max(0, -log10(pValue)),
            tailProbability: min(1, pValue * Double(looks)),
            calibrationCount: verdicts.map(\.calibrationCount).min() ?? 0, looks: looks)
    }
}

extension AnomalyDetector {
    /// So many of the newest relationships of the burst window are judged for each end.
    static let inheritedRelationshipsMax = 16

    /// An entity inherits only what is rarer than this: ordinary relationships say nothing about it,
    /// and a vote that nothing is strange would weaken those that something is.
    static let inheritedProbabilityMax = 0.05

    /// The strangest of the relationships of the burst window that the entity is the source of; nil
    /// where none of them is strange.
    ///
    /// Who receives them did not act: what is strange about them is said of their source, and of
    /// the relationships themselves.
    /// - Complexity: O(``inheritedRelationshipsMax``) judgements without explanation
    func strangestRelationship(of subject: EntitySubject) -> StrangestRelationship? {
        guard resolved?.model.relationships != nil else { return nil }
        let rows = subject.activity.newestRows.prefix(Self.inheritedRelationshipsMax)
        var strangest: (subject: RelationshipSubject, verdicts: [DetectorVerdict], p: Double)?
        var looks = 0
        for row in rows where graph.edge(at: row).source == subject.node {
            let relationship = relationshipSubject(
                row, graph.edge(at: row), asOf: subject.asOf)
            guard let (model, type) = relationshipModel(for: relationship) else { continue }
            let verdicts = verdicts(on: relationship, by: model, type)
            let p = combineAcrossFamilies(Self.familyProbabilities(verdicts))
            guard !p.isNaN else { continue }
            looks += 1
            if p < strangest?.p ?? .infinity { strangest = (relationship, verdicts, p) }
        }
        guard let strangest, strangest.p * Double(looks) < Self.inheritedProbabilityMax else {
            return nil
        }
        return StrangestRelationship(
            subject: strangest.subject, verdicts: strangest.verdicts, pValue: strangest.p,
            looks: looks)
    }

    /// Which relationship is strange and why, as its end tells it.
    func sentence(about strangest: StrangestRelationship, of subject: EntitySubject) -> String {
        let relationship = strangest.subject
        guard let (_, type) = relationshipModel(for: relationship),
            let verdict = told(strangest.verdicts).first
        else { return "one of its newest relationships is strange" }
        let writer = RelationshipWriter(subject: relationship, type: type, settings: settings)
        func name(_ id: Int64) -> String { id == subject.id ? "it" : "entity \(id)" }
        let fact = writer.sentence(verdict, topFeatures: [])
            .replacingOccurrences(of: "{source}", with: name(relationship.sourceID))
            .replacingOccurrences(of: "{target}", with: name(relationship.targetID))
        return "its \(relationship.typeName) relationship \(relationship.id): \(fact)"
    }

    /// The row of evidence of the strangest relationship.
    func evidence(
        about strangest: StrangestRelationship, of subject: EntitySubject
    ) -> Explanation.EvidenceRow {
        let relationship = strangest.subject
        return Explanation.EvidenceRow(
            relationshipID: relationship.id, type: relationship.typeName,
            otherEntityID: relationship.sourceID == subject.id
                ? relationship.targetID : relationship.sourceID,
            reason: "strange in itself, expected in \(NumberText.oneIn(strangest.pValue))")
    }
}
