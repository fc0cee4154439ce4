import AnomalyModels
import ArgumentParser
import Foundation

/// Times the LSTM autoencoder, or writes one for its peers; Benchmarks/models/autoencoder_peers.py
/// times those on the same windows.
struct AutoencoderBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "autoencoder",
        abstract: "Time the LSTM autoencoder: one window, 100 windows, training.")

    @Option(help: "The threads to use.")
    var threads = 1

    @Option(help: "The seconds that each figure is measured for.")
    var seconds = 2.0

    @Option(help: "Write a model, windows, outputs and gradients to this file; measure nothing.")
    var reference: String?

    func run() throws {
        if let reference {
            let archive = ModelArchive(tensors: try referenceTensors())
            try Data(archive.encoded()).write(to: URL(fileURLWithPath: reference))
            return
        }
        let windows = Self.windows(count: 320, seed: 1)
        var parameters = LSTMAutoencoder.Parameters(
            epochCountMax: 1, batchSize: 320, validationShare: 0, seed: 1)
        let (model, _) = try LSTMAutoencoder.fit(windows, parameters: parameters)
        let one = windows.selecting(windows: [0])
        report("one window", unit: "us", value: fastest { _ = model.reconstructionErrors(one) } * 1e6)
        let hundred = windows.selecting(windows: Array(0..<100))
        report(
            "100 windows", unit: "ms",
            value: fastest {
                _ = model.reconstructionErrors(hundred, threadCount: threads)
            } * 1e3)
        parameters.batchSize = 32
        parameters.epochCountMax = .max
        report("training", unit: "windows/s", value: 32 / (try fastestBatch(windows, parameters)))
        report("memory", unit: "bytes", value: Double(model.byteCount))
    }

    /// Windows of 50 steps of 15 standard normal numbers.
    private static func windows(count: Int, seed: UInt64) -> SequenceWindows {
        var random = SeededRandom(seed: seed)
        var windows = SequenceWindows(stepCount: 50, featureCount: 15)
        for _ in 0..<count { windows.append((0..<750).map { _ in random.normal() }) }
        return windows
    }

    /// The shortest run, in seconds: the one that other work on the machine disturbed least.
    private func fastest(_ body: () -> Void) -> Double {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(seconds))
        var shortest = Double.infinity
        while clock.now < end { shortest = min(shortest, clock.measure(body) / .seconds(1)) }
        return shortest
    }

    /// The shortest training step on a batch, in seconds: both passes, clipping and Adam.
    private func fastestBatch(
        _ windows: SequenceWindows, _ parameters: LSTMAutoencoder.Parameters
    ) throws -> Double {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(seconds))
        var shortest = Double.infinity
        var last: ContinuousClock.Instant?
        _ = try LSTMAutoencoder.fit(windows, parameters: parameters, threadCount: threads) { _ in
            let now = clock.now
            if let last { shortest = min(shortest, (now - last) / .seconds(1)) }
            last = now
            return now < end
        }
        return shortest
    }

    private func report(_ name: String, unit: String, value: Double) {
        print("{\"name\":\"\(name)\",\"unit\":\"\(unit)\",\"threads\":\(threads),\"value\":\(value)}")
    }

    /// A trained model with windows, full ones and short ones, and what it makes of them.
    private func referenceTensors() throws -> [String: Tensor] {
        let (model, _) = try LSTMAutoencoder.fit(
            Self.windows(count: 64, seed: 2), parameters: .init(epochCountMax: 3, seed: 2))
        let full = Self.windows(count: 20, seed: 3)
        var windows = SequenceWindows(stepCount: 50, featureCount: 15)
        var mask: [Float] = []
        for window in 0..<full.windowCount {
            let length = window % 4 == 3 ? 50 - window : 50
            let start = window * 750
            windows.append(Array(full.values[start..<start + length * 15]))
            mask += (0..<750).map { $0 < length * 15 ? 1 : 0 }
        }
        let (loss, gradients) = model.gradients(of: windows)
        var tensors = model.tensors()
        for (name, gradient) in gradients { tensors["gradient.\(name)"] = gradient }
        tensors["test.loss"] = Tensor([loss])
        tensors["test.windows"] = try Tensor(full.values).reshaped([full.windowCount, 50, 15])
        tensors["test.mask"] = try Tensor(mask).reshaped([full.windowCount, 50, 15])
        tensors["test.reconstructions"] = try Tensor(model.reconstructions(windows))
            .reshaped([full.windowCount, 50, 15])
        return tensors
    }
}
