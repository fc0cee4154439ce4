import ArgumentParser

/// Measures detectors and the judgement on labelled data; no label is ever an input.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measure the judgement on labelled data.",
        subcommands: [
            EvaluateGraph.self, EvaluateTable.self, EvaluateSeries.self, EvaluateEdges.self,
            EvaluateTrust.self, EvaluateReviews.self, EvaluateDrift.self, EvaluateSearch.self,
            EvaluateSupervised.self,
        ])
}
