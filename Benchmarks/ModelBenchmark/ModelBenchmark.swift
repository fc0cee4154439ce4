import ArgumentParser

/// Times the models; a subcommand for each, and the peers' side is in Benchmarks/models.
@main
struct ModelBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model-benchmark", abstract: "Time the models.",
        subcommands: [
            AutoencoderBenchmark.self, BoostingCommand.self, BoostingScoresCommand.self,
            CalibrationCommand.self, EdgeStreamCommand.self,
            ForestCommand.self, ForestScoresCommand.self, MemoryCommand.self, ShapleyCommand.self,
            StatisticsCommand.self,
        ])
}
