import AnomalyModels
import Foundation
import Testing

@testable import AnomalyDetection

@Suite("What the models see of an entity")
struct ModelViewTests {
    @Test(
        "A moment and a day are the same age",
        arguments: [EntityFeature.firstSeenAgeDays, .lastUpdatedAgeDays])
    func ages(feature: EntityFeature) {
        #expect(feature.modelValue(0) == feature.modelValue(1))
        #expect(feature.modelValue(2) > feature.modelValue(1))
        #expect(feature.modelValue(.nan).isNaN)
        let seen = EntityFeature.temporalActivityScore
        #expect(seen.modelValue(1) == seen.modelValue(exp(-0.5 / 30)))
        #expect(seen.modelValue(.nan).isNaN)
    }

    @Test("Without relationships there is no place in the graph to be judged by")
    func places() throws {
        let batch = ChangeBatch(entities: Fixtures.entities(1...3))
        let features = try #require(
            try Fixtures.detector(batch).featureVector(of: 1, asOf: Fixtures.now))
        #expect(features[.relationshipCount] == 0)
        let values = features.modelValues
        for feature in EntityFeature.placesInGraph { #expect(values[feature].isNaN) }
        #expect(!values[.tagCount].isNaN)
    }

    @Test("The updates of the first days are no frequency yet", arguments: [0.5, 6.9, 7, 30])
    func frequency(ageDays: Double) {
        var features = [Double](repeating: 1, count: EntityFeature.count)
        features[EntityFeature.firstSeenAgeDays.rawValue] = ageDays
        #expect(features.modelValues[.updateFrequency].isNaN == (ageDays < 7))
    }

    @Test("A small type is judged by its own and by all, a large one by its own alone")
    func smallTypes() throws {
        let small = (0..<100).map { 20 + Double($0 % 10) }
        let large = (0..<2000).map { Double($0 % 7) + Double($0) / 4000 }
        let calibration = DetectorCalibration.fit(
            .degree, scores: ["service": small, "email": large, "rare": [1, 2, 3]])
        #expect(calibration.calibrations(for: "service").count == 2)
        #expect(calibration.calibrations(for: "email").count == 1)
        #expect(calibration.calibrations(for: "rare") == [calibration.pooled].compactMap { $0 })
        // What is ordinary for the small type is strange among all.
        let p = calibration.calibrations(for: "service").map { $0.tailProbability(24) }
        #expect((p.min() ?? 1) < 0.05)
        #expect((p.max() ?? 0) > 0.3)
    }

    @Test(
        "Times are told in the unit that suits them",
        arguments: [
            (0.0, "just now"), (1e-6, "just now"), (0.00687, "10 minutes ago"),
            (0.25, "6 hours ago"), (1, "1 day ago"), (323.4, "323 days ago"),
        ])
    func ago(days: Double, text: String) {
        #expect(NumberText.ago(days: days) == text)
    }
}
