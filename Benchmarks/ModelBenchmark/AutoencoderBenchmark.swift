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
        report("one window", rows: 1, fastest { _ = model.reconstructionErrors(one) })
        let hundred = windows.selecting(windows: Array(0..<100))
        report(
            "100 windows", rows: 100,
            fastest { _ = model.reconstructionErrors(hundred, threadCount: threads) })
        parameters.batchSize = 32
        parameters.epochCountMax = .max
        report("training", rows: 32, try fastestBatch(windows, parameters))
        print("{\"task\":\"memory\",\"bytes\":\(model.byteCount)}")
    }

    /// Windows of 50 steps of 15 waves of random phase, with some noise.
    private static func windows(count: Int, seed: UInt64) -> SequenceWindows {
        var random = SeededRandom(seed: seed)
        var windows = SequenceWindows(stepCount: 50, featureCount: 15)
        for _ in 0..<count {
            let phase = random.uniform() * 2 * .pi
            var window: [Double] = []
            for step in 0..<50 {
                for feature in 0..<15 {
                    let angle = Double(step * (feature + 1)) * 0.05 + phase
                    window.append(sin(angle) + 0.2 * random.normal())
                }
            }
            windows.append(window)
        }
        return windows
    }

    /// Two stopwatches: the wall clock's, and the processor's for all threads of this process, which
    /// other work on the machine disturbs less.
    private struct Stopwatch {
        var wall = Double.infinity
        var processor = Double.infinity

        /// The time since some start, in seconds.
        static func now() -> Stopwatch {
            var (wall, processor) = (timespec(), timespec())
            clock_gettime(CLOCK_MONOTONIC, &wall)
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &processor)
            return Stopwatch(
                wall: Double(wall.tv_sec) + Double(wall.tv_nsec) / 1e9,
                processor: Double(processor.tv_sec) + Double(processor.tv_nsec) / 1e9)
        }

        /// Keeps what was faster than before.
        mutating func keep(from start: Stopwatch, to end: Stopwatch) {
            wall = min(wall, end.wall - start.wall)
            processor = min(processor, end.processor - start.processor)
        }
    }

    private func fastest(_ body: () -> Void) -> Stopwatch {
        var (result, last) = (Stopwatch(), Stopwatch.now())
        let end = last.wall + seconds
        while last.wall < end {
            body()
            let now = Stopwatch.now()
            result.keep(from: last, to: now)
            last = now
        }
        return result
    }

    /// The fastest training step on a batch: both passes, clipping and Adam.
    private func fastestBatch(
        _ windows: SequenceWindows, _ parameters: LSTMAutoencoder.Parameters
    ) throws -> Stopwatch {
        var (result, last) = (Stopwatch(), Stopwatch.now())
        let end = last.wall + seconds
        _ = try LSTMAutoencoder.fit(windows, parameters: parameters, threadCount: threads) { _ in
            let now = Stopwatch.now()
            result.keep(from: last, to: now)
            last = now
            return now.wall < end
        }
        return result
    }

    private func report(_ task: String, rows: Int, _ time: Stopwatch) {
        print(
            "{\"task\":\"\(task)\",\"rows\":\(rows),\"threads\":\(threads),"
                + "\"seconds\":\(time.wall),\"processor_seconds\":\(time.processor)}")
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
