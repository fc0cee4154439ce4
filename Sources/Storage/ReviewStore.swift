package import AnomalyDetection
import Foundation
package import PostgresClient

/// One verdict in force, with what the detector saw when it found what was reviewed.
package struct StoredReview: Sendable {
    package var subject: Subject
    /// A true positive, against a false positive or benign.
    package var isConfirmed: Bool
    package var inputs: JudgementInputs
    package var detectors: [DetectorVerdict]
}

extension [StoredReview] {
    /// A hash of the subjects and their verdicts, the same for the same reviews in any order.
    package var fingerprint: String {
        let words = map { review -> (UInt64, UInt64) in
            let kind: UInt64 = review.subject.entityID == nil ? 2 : 0
            return (
                UInt64(bitPattern: review.subject.id), kind + (review.isConfirmed ? 1 : 0)
            )
        }
        let bytes = words.sorted { $0 < $1 }.flatMap { id, verdict in
            [id, verdict].flatMap { word in
                Swift.withUnsafeBytes(of: word.littleEndian) { [UInt8]($0) }
            }
        }
        return String(textKey(utf8: bytes), radix: 16)
    }
}

/// Reviews and what was learnt from them.
package enum ReviewStore {
    /// The newest reviews that are learnt from; older ones of a long history add little.
    package static let reviewCountMax = 5_000

    /// The verdicts in force, the newest first; those on what rules found, or an earlier version, have
    /// nothing to learn from and are left out.
    package static func reviews(
        on connection: PostgresConnection
    ) async throws -> [StoredReview] {
        let answer = try await connection.query(
            """
            SELECT subject_kind = 'entity', subject_id, verdict = 'true_positive',
                explanation ->> 'inputs', explanation ->> 'detectors'
            FROM vigil.anomalies
            WHERE verdict IN ('true_positive', 'false_positive', 'benign')
                AND detection_method = 'ensemble'
                AND explanation #>> '{inputs,schema}' = $1
            ORDER BY reviewed_at DESC, id LIMIT \(reviewCountMax)
            """, [.text(JudgementInputs.schema)])
        let decoder = JSONDecoder()
        var reviews: [StoredReview] = []
        for row in 0..<answer.rowCount {
            let id = try answer.int64(row: row, column: 1)
            let inputs = try answer.string(row: row, column: 3)
            let detectors = try answer.string(row: row, column: 4)
            // What somebody else wrote into the column teaches nothing.
            guard
                let inputs = try? decoder.decode(JudgementInputs.self, from: Data(inputs.utf8)),
                let detectors = try? decoder.decode(
                    [DetectorVerdict].self, from: Data(detectors.utf8))
            else { continue }
            reviews.append(
                StoredReview(
                    subject: try answer.bool(row: row, column: 0) ? .entity(id) : .relationship(id),
                    isConfirmed: try answer.bool(row: row, column: 2), inputs: inputs,
                    detectors: detectors))
        }
        return reviews
    }

    /// Stores what was learnt and makes it the head that is heard.
    /// - Returns: Its version; nil where another model is active by now.
    package static func save(
        onEnsemble version: String, card: String, archive: [UInt8],
        on connection: PostgresConnection
    ) async throws -> String? {
        try await connection.query(
            "SELECT vigil.store_review_head($1, $2, $3)",
            [.text(version), .jsonb(card), .bytes(archive)]
        ).optionalString(row: 0, column: 0)
    }

    /// Of which reviews, and on which model, the newest head is; nil where there is none.
    package static func learnt(
        on connection: PostgresConnection
    ) async throws -> (fingerprint: String, ensembleVersion: String)? {
        let answer = try await connection.query(
            """
            SELECT coalesce(card ->> 'fingerprint', ''), coalesce(card ->> 'ensemble', '')
            FROM vigil.models WHERE state = 'active' AND kind = 'reviews'
            """)
        guard answer.rowCount == 1 else { return nil }
        return (try answer.string(row: 0, column: 0), try answer.string(row: 0, column: 1))
    }

    /// The version and bytes of the head that is heard; nil where there is none.
    package static func activeArchive(
        on connection: PostgresConnection
    ) async throws -> (version: String, bytes: [UInt8])? {
        let answer = try await connection.query(
            """
            SELECT version, archive FROM vigil.models WHERE state = 'active' AND kind = 'reviews'
            """)
        guard answer.rowCount == 1 else { return nil }
        return (try answer.string(row: 0, column: 0), try answer.bytes(row: 0, column: 1))
    }

    /// The entities, and the sources of the relationships, that could be anomalous once reviews are
    /// heard otherwise: whose score is at least this, and who has an open anomaly.
    package static func reconsidered(
        fromScore score: Double, on connection: PostgresConnection
    ) async throws -> (entities: [Int64], withRelationships: [Int64]) {
        let answer = try await connection.query(
            """
            SELECT entity_id, false FROM vigil.entity_scores WHERE anomaly_score >= $1
            UNION SELECT subject_id, false FROM vigil.anomalies
            WHERE is_active AND subject_kind = 'entity'
            UNION SELECT r.source_entity_id, true FROM vigil.relationships r
            WHERE r.id IN (SELECT relationship_id FROM vigil.relationship_scores
                    WHERE anomaly_score >= $1
                UNION SELECT subject_id FROM vigil.anomalies
                WHERE is_active AND subject_kind = 'relationship')
            ORDER BY 1
            """, [.double(score)])
        var (alone, whole): ([Int64], [Int64]) = ([], [])
        for row in 0..<answer.rowCount {
            let id = try answer.int64(row: row, column: 0)
            if try answer.bool(row: row, column: 1) { whole.append(id) } else { alone.append(id) }
        }
        return (alone, whole)
    }
}
