import ArgumentParser
import Foundation

/// COMMIT to visible score at a given rate of writing, first alone, then beside long work.
struct RateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rate",
        abstract: "COMMIT to visible score at a given rate, alone and beside long work.")

    @OptionGroup var stage: StageOptions
    @OptionGroup var mix: ChangeMix

    @Option(help: "Changes a second, by a timetable that waits for nobody.")
    var perSecond = 1000.0

    @Option(help: "Seconds of each of the two measurements.")
    var seconds = 30.0

    @Option(help: "Seconds of writing before them.")
    var warmup = 5.0

    @Option(help: "Writers.")
    var writers = 8

    @Option(help: "Milliseconds between two looks at what has been scored.")
    var lookMilliseconds = 0.5

    @Flag(help: "Only alone, without metrics refreshes, training and drawings beside it.")
    var alone = false

    func run() async throws {
        try await Stage.run(stage) { try await measure(on: $0) }
    }

    private func measure(on stage: Stage) async throws {
        try await LongWork.setRefreshing(false, on: stage.control)
        let sidecar = try await stage.startSidecar()
        let watch = try await VisibilityWatch(
            conninfo: stage.conninfo, pause: .milliseconds(lookMilliseconds))
        var load = OpenLoop(
            conninfo: stage.conninfo, perSecond: perSecond, seconds: warmup, mix: mix,
            entityIDs: stage.entityIDs, seed: self.stage.seed &+ 1000, writerCount: writers)
        _ = try await load.run()
        let lag = LagWatch(stage.control)
        _ = try await lag.drain()
        load.seconds = seconds
        var phases: [RatePhase] = []
        say("writing \(perSecond) a second for \(seconds) s")
        phases.append(try await phase("alone", load, watch, sidecar))
        if !alone {
            load.seed &+= 1
            say("the same beside long work")
            let work = LongWork(conninfo: stage.conninfo, seed: self.stage.seed)
            var beside: RatePhase?
            let done = try await work.run {
                beside = try await phase("beside long work", load, watch, sidecar)
            }
            beside?.work = done
            phases += [beside].compactMap(\.self)
        }
        await watch.close()
        let usage = try sidecar.usage
        await sidecar.stop()
        try RateReport(
            stage: stage.facts, mix: mix.text, perSecond: perSecond, writers: writers,
            phases: phases, sidecarBytesMax: usage.residentBytesMax
        ).print(asJSON: self.stage.json)
    }

    private func phase(
        _ title: String, _ load: OpenLoop, _ watch: VisibilityWatch, _ sidecar: SidecarProcess
    ) async throws -> RatePhase {
        var outcome = OpenLoop.Outcome()
        let started = ContinuousClock.now
        let before = try sidecar.usage.cpuSeconds
        let seen = try await watch.watch { outcome = try await load.run(watch) }
        let elapsed = (ContinuousClock.now - started) / .seconds(1)
        return RatePhase(
            title: title, due: Int(load.perSecond * load.seconds), written: outcome.rowCount,
            unseen: seen.unseenCount,
            sidecarCores: (try sidecar.usage.cpuSeconds - before) / elapsed,
            commitToScore: seen.fromCommit.summary,
            scheduleToScore: seen.fromSchedule.summary,
            scheduleToCommit: outcome.commits.summary,
            chart: LatencyRecord.chart([(title, seen.fromCommit)]))
    }
}

/// One measurement of `rate`; latencies in milliseconds.
private struct RatePhase: Encodable {
    var title: String
    /// Changes of the timetable, those written in time, and those without a score a minute later.
    var due, written, unseen: Int
    /// CPU seconds of the sidecar for each second.
    var sidecarCores: Double
    var commitToScore, scheduleToScore, scheduleToCommit: LatencySummary
    var work: LongWork.Done?
    var chart: String

    enum CodingKeys: String, CodingKey {
        case title, due, written, unseen, sidecarCores, commitToScore, scheduleToScore,
            scheduleToCommit, work
    }

    var text: String {
        let state =
            unseen == 0 ? "all were scored" : "\(unseen) were not scored within a minute"
        return """
            \(title): \(written) of \(due) changes written in time, \(state)\(work.map { "; " + $0.text } ?? "")
              COMMIT to visible score    \(commitToScore.columns)
              scheduled to visible score \(scheduleToScore.columns)
              scheduled to COMMIT        \(scheduleToCommit.columns)
              sidecar's CPU seconds a second \(column(sidecarCores, 6))
            \(chart)
            """
    }
}

/// What `rate` prints.
private struct RateReport: Report {
    var stage: StageFacts
    var mix: String
    var perSecond: Double
    var writers: Int
    var phases: [RatePhase]
    var sidecarBytesMax: Int

    var text: String {
        """
        \(perSecond) changes a second by \(writers) durable writers (\(mix)), milliseconds
        \(stage.text); sidecar's peak memory \(sidecarBytesMax >> 20) MB
        \(label("", 29))\(LatencySummary.heading)
        \(phases.map(\.text).joined(separator: "\n\n"))
        """
    }
}
