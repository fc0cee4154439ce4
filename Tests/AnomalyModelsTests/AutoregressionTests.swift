import AnomalyModels
import Foundation
import Testing

@Suite("Autoregression")
struct AutoregressionTests {
    /// x_t = 0.5 + 1.2 x_{t-1} - 0.6 x_{t-2} + 2 u_t + noise, and the command u.
    private static func series(
        _ count: Int, noise: Double
    ) -> (values: [Double], inputs: [Double]) {
        var random = SeededRandom(seed: 31)
        var values: [Double] = []
        var inputs: [Double] = []
        for index in 0..<count {
            let command = random.uniform() < 0.2 ? 1.0 : 0
            let before = index > 0 ? values[index - 1] : 0
            let beforeThat = index > 1 ? values[index - 2] : 0
            inputs.append(command)
            values.append(
                0.5 + 1.2 * before - 0.6 * beforeThat + 2 * command + noise * random.normal())
        }
        return (values, inputs)
    }

    @Test("The weights of the process are found")
    func weights() throws {
        let (values, inputs) = Self.series(4000, noise: 0.1)
        let model = try AutoregressionModel.fit(
            values: values, inputs: inputs, inputCount: 1, order: 3, ridge: 1e-6)
        for (weight, expected) in zip(model.weights, [0.5, 1.2, -0.6, 0, 2]) {
            #expect(abs(weight - expected) < 0.05)
        }
        // The mean size of normal noise is √(2/π) of its deviation.
        #expect(abs(model.usualError - 0.1 * (2 / Double.pi).squareRoot()) < 0.005)
    }

    @Test("Ridge weights are those of the closed form")
    func closedForm() throws {
        // One lag and λ = 3: the equations [n Sx; Sx Sxx+3] w = [Sy; Sxy].
        let values = [1.0, 2, 4, 3, 5, 6, 4]
        let model = try AutoregressionModel.fit(values: values, order: 1, ridge: 3)
        let pairs = Array(zip(values, values.dropFirst()))
        let n = Double(pairs.count)
        let sx = pairs.reduce(0) { $0 + $1.0 }
        let sy = pairs.reduce(0) { $0 + $1.1 }
        let sxx = pairs.reduce(3) { $0 + $1.0 * $1.0 }
        let sxy = pairs.reduce(0) { $0 + $1.0 * $1.1 }
        let slope = (n * sxy - sx * sy) / (n * sxx - sx * sx)
        #expect(abs(model.weights[1] - slope) < 1e-12)
        #expect(abs(model.weights[0] - (sy - slope * sx) / n) < 1e-12)
    }

    @Test("Errors are averaged over the steps, in units of the usual error")
    func smoothing() throws {
        let (values, inputs) = Self.series(2000, noise: 0.1)
        let model = try AutoregressionModel.fit(
            values: values, inputs: inputs, inputCount: 1, order: 2)
        var plain = AutoregressionDetector(model, smoothingCount: 1)
        var smooth = AutoregressionDetector(model, smoothingCount: 10)
        var errors: [Double] = []
        for index in values.indices {
            let error = plain.update(values[index], inputs: inputs[index...index])
            let score = smooth.update(values[index], inputs: inputs[index...index])
            #expect(error.isNaN == (index < 2))
            errors.append(error)
            guard index >= 11 else { continue }
            #expect(abs(score - errors.suffix(10).reduce(0, +) / 10) < 1e-9)
        }
        let mean = errors.dropFirst(2).reduce(0, +) / Double(errors.count - 2)
        #expect(abs(mean - 1) < 1e-9)
    }

    @Test("A gap is bridged by its forecast; after as many as the order all starts anew")
    func gaps() throws {
        let (values, _) = Self.series(500, noise: 0)
        let model = try AutoregressionModel.fit(
            values: values.map { $0 + 0.001 * ($0 * 7).rounded() }, order: 4)
        var detector = AutoregressionDetector(model, smoothingCount: 1)
        for value in values[..<100] { _ = detector.update(value) }
        #expect(detector.update(.nan).isNaN)
        #expect(!detector.update(values[101]).isNaN)
        for _ in 0..<4 { _ = detector.update(.nan) }
        for value in values[106..<110] { #expect(detector.update(value).isNaN) }
        #expect(!detector.update(values[110]).isNaN)
    }

    @Test("Rows with a gap are not learnt from")
    func gapsInFit() throws {
        let (whole, inputs) = Self.series(1000, noise: 0.1)
        var values = whole
        var commands = inputs
        for index in stride(from: 5, to: 1000, by: 50) { values[index] = .nan }
        for index in stride(from: 25, to: 1000, by: 50) { commands[index] = .nan }
        let model = try AutoregressionModel.fit(
            values: values, inputs: commands, inputCount: 1, order: 2)
        #expect(abs(model.weights[1] - 1.2) < 0.1)
    }

    @Test("A kept model and state go on with the same bits")
    func coding() throws {
        let (values, inputs) = Self.series(600, noise: 0.2)
        let model = try AutoregressionModel.fit(
            values: values, inputs: inputs, inputCount: 1)
        var detector = AutoregressionDetector(model)
        for index in 0..<100 { _ = detector.update(values[index], inputs: inputs[index...index]) }
        let kept = try JSONEncoder().encode(detector)
        var restored = try JSONDecoder().decode(AutoregressionDetector.self, from: kept)
        for index in 100..<200 {
            let first = detector.update(values[index], inputs: inputs[index...index])
            let second = restored.update(values[index], inputs: inputs[index...index])
            #expect(first.bitPattern == second.bitPattern)
        }
    }

    @Test("Too few rows and parameters without sense are refused")
    func refused() {
        #expect(throws: ModelError.self) {
            try AutoregressionModel.fit(values: Array(repeating: 1, count: 40))
        }
        #expect(throws: ModelError.self) {
            try AutoregressionModel.fit(values: Array(repeating: .nan, count: 400))
        }
        #expect(throws: ModelError.self) {
            try AutoregressionModel.fit(values: [1, 2, 3], inputs: [1], inputCount: 1)
        }
        #expect(throws: ModelError.self) {
            try AutoregressionModel.fit(values: Array(repeating: 1, count: 400), order: 0)
        }
    }
}
