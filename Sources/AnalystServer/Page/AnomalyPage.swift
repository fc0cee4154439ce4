import AnomalyDetection
import Foundation
import Sidecar

/// One anomaly: what the database tells of it, made ready for its template.
struct AnomalyPage {
    /// The document of ``PageStore/anomaly(_:)``.
    let document: PageValue
    let canReview: Bool
    /// Which picture is asked for.
    let moment: AnomalyPicture.Moment
    let hops: Int

    /// What is shown of it.
    ///
    /// The features are those of ``FeatureCharts/strongest(of:)``, with the values of so many peers; a
    /// count of nil: only places among them are known. The checklist has the steps of its playbooks.
    func values(
        features: [FeatureCharts.Feature], peerCount: Int64?, checklist: [PageValue], list: String
    ) -> PageValue {
        let explanation = document["explanation"]
        let sentences = explanation["sentences"].elements
        let indicators = explanation["indicators"].elements.map { item in
            item.adding([
                "name": .text(PageText.words(item["name"].string ?? "")),
                "confidence": rounded(item["confidence"]),
            ])
        }
        let detectors = explanation["detectors"].elements.map { item in
            item.adding(["name": .text(PageText.words(item["name"].string ?? ""))])
        }
        return document.adding([
            "list": .text(list), "can_review": .bool(canReview), "verdicts": Verdict.buttons,
            "summary": explanation["summary"], "sentences": .list(sentences),
            "counterfactual": explanation["counterfactual"]["sentence"],
            "learnt": PageValue(learnt(explanation["reviews"])),
            "contributions": chart(FeatureCharts.contributions(features)),
            "peers": peers(features, peerCount: peerCount),
            "timeline": TimeCharts.timeline(of: explanation),
            "has_indicators": .bool(!indicators.isEmpty), "indicators": .list(indicators),
            "has_detectors": .bool(!detectors.isEmpty), "detectors": .list(detectors),
            "has_evidence": .bool(!explanation["evidence"].elements.isEmpty),
            "evidence": .list(evidence(explanation)),
            "has_recommendations": .bool(!document["recommendations"].elements.isEmpty),
            "has_checklist": .bool(!checklist.isEmpty), "checklist": .list(checklist),
            "moment": .text(moment.rawValue), "hops": .text(String(hops)),
            "moments": .list(moments), "reaches": .list(reaches),
            "picture": .text(picture), "picture_words": .text(pictureWords),
            "provenance": .text(provenance),
        ])
    }

    private func chart(_ svg: String?) -> PageValue { svg.map { ["chart": .text($0)] } ?? .null }

    private func rounded(_ value: PageValue) -> PageValue {
        value.double.map { .text(String(format: "%.2f", $0)) } ?? .null
    }

    private func peers(_ features: [FeatureCharts.Feature], peerCount: Int64?) -> PageValue {
        guard let chart = FeatureCharts.peers(features) else { return .null }
        let group = document["explanation"]["peer_group"]
        let kind = group["type"].string.map { "\($0) " } ?? ""
        let words =
            if let peerCount, peerCount > 0 {
                "The grey bars are \(peerCount) \(kind)entities as they are now, the mark is this one at "
                    + "detection. The share counts the model's \(group["count"].integer ?? 0) peers."
            } else {
                "The share of the model's \(group["count"].integer ?? 0) \(kind)peers that lie below."
            }
        return ["chart": .text(chart), "words": .text(words)]
    }

    private func learnt(_ reviews: PageValue) -> String? {
        guard let confirmation = reviews["confirmation"].double else { return nil }
        let count = (reviews["confirmed"].integer ?? 0) + (reviews["rejected"].integer ?? 0)
        return "reviewers confirm such a finding with probability "
            + "\(String(format: "%.2f", confirmation)), learnt from \(count) reviews, which count "
            + "\(Int(((reviews["weight"].double ?? 0) * 100).rounded())) % beside the ensemble."
    }

    private func evidence(_ explanation: PageValue) -> [PageValue] {
        explanation["evidence"].elements.map { item in
            let other = item["other_entity_id"].integer.map(String.init)
            return [
                "type": .text(PageText.words(item["type"].string ?? "")),
                "relationship": item["relationship_id"], "other": PageValue(other),
                "other_name": other.map { id in
                    PageValue(document["others"][id].string ?? id)
                } ?? .null,
                "reason": item["reason"],
            ]
        }
    }

    private var picture: String {
        "/anomalies/\(document["id"].string ?? "")/picture?moment=\(moment.rawValue)&hops=\(hops)"
    }

    private var moments: [PageValue] {
        [
            (AnomalyPicture.Moment.detected, "At detection"), (.before, "Before"), (.now, "Now"),
        ]
        .map {
            [
                "value": .text($0.0.rawValue), "text": .text($0.1),
                "current": .bool($0.0 == moment),
            ]
        }
    }

    private var reaches: [PageValue] {
        (1...3).map {
            [
                "hops": .text(String($0)), "text": .text($0 == 1 ? "1 hop" : "\($0) hops"),
                "current": .bool($0 == hops),
            ]
        }
    }

    private var pictureWords: String {
        switch moment {
        case .detected: "As it was at detection, with today's names."
        case .before: "Without the relationships behind the anomaly."
        case .now: "As it is now."
        }
    }

    private var provenance: String {
        let model = document["model"].string.map { "model \($0)" } ?? "rules alone"
        let epoch = document["epoch"].integer.map { ", graph epoch \($0)" } ?? ""
        return "Found by \(document["method"].string ?? "?"), \(model)\(epoch). "
            + "Computed again, bit by bit: vigil replay \(document["id"].string ?? "")"
    }
}
