import AnomalyDetection
import AnomalyModels
import Testing

@testable import ModelTraining

@Suite("The calibration of clockwork")
struct RegularityCalibrationTests {
    /// So many entities of which some contact somebody like clockwork.
    private func scores(_ count: Int, regular: Int) -> [Double] {
        (0..<count).map { $0 < regular ? 9 + Double($0 % 10) / 10 : 0 }
    }

    private func probability(
        _ calibration: DetectorCalibration, _ type: String, _ score: Double
    ) -> Double? {
        calibration.calibrations(for: type).map { $0.tailProbability(score) }.max()
    }

    @Test("One among people is rare among all of them, machines are ordinary among machines")
    func types() throws {
        let calibration = try #require(
            TrainingBehaviour.calibration(ofRegularities: [
                "person": scores(900, regular: 1), "email": scores(600, regular: 0),
                "device": scores(400, regular: 200), "phone": scores(20, regular: 9),
            ]))
        // 1 / (1,500 + 1 - 1 left out).
        let person = try #require(probability(calibration, "person", 9.5))
        #expect(abs(person - 1.0 / 1500) < 1e-9)
        #expect(probability(calibration, "email", 9.5) == person)
        #expect(try #require(probability(calibration, "device", 9.5)) > 0.1)
        // Too few to tell, and too many regular ones for a surprise.
        #expect(probability(calibration, "phone", 9.5) == nil)
    }

    @Test("Where nobody contacts anybody like clockwork there is nothing to calibrate")
    func nothing() {
        #expect(TrainingBehaviour.calibration(ofRegularities: ["a": scores(99, regular: 0)]) == nil)
    }
}
