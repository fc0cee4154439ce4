import AnalystServer
import AnomalyDetection
import AnomalyModels
import Foundation
import GraphDrawing
import LocalCluster
import Logging
import ModelTraining
import OperationsServer
import PostgresClient
import SampleGraph
import SampleLoading
import ServiceLifecycle
import Sidecar
import Storage
import Telemetry

/// The demonstration: a private cluster, a sample graph, a model, the sidecar, four attacks.
struct Demo: Service {
    var seed: UInt64
    var entityCount: Int
    var pictures: String
    var logFile: String
    var endsByItself: Bool
    /// Where the page is; nil: nowhere.
    var http: ListenAddress?

    func run() async throws {
        let cluster = try await LocalCluster.start(in: nil)
        do {
            try await cancelWhenGracefulShutdown { try await play(on: cluster) }
        } catch is CancellationError {
        } catch let error as TrainingError where error.code == .cancelled {
        } catch is PostgresError where Task.isShuttingDownGracefully {
        } catch {
            await stop(cluster)
            throw error
        }
        await stop(cluster)
        Terminal.say("Everything that the demo started is stopped.")
    }

    private func stop(_ cluster: LocalCluster) async {
        do {
            try await cluster.stop()
        } catch {
            Terminal.complain("vigil: the demo's PostgreSQL did not stop: \(error)")
        }
    }

    private func play(on cluster: LocalCluster) async throws {
        heading("A private PostgreSQL")
        Terminal.say("  socket \(cluster.socketDirectory), no TCP, no system cluster touched")
        try await cluster.createRole(name: "vigil_demo", options: "CREATEROLE")
        try await cluster.createDatabase(name: "vigil_demo", owner: "vigil_demo")
        let conninfo = cluster.conninfo(user: "vigil_demo", database: "vigil_demo")
        let database = try await PostgresConnection.connect(conninfo, applicationName: "vigil demo")
        try await Installation.install(on: database)
        try await database.execute("GRANT vigil_admin, vigil_sidecar TO vigil_demo")
        Terminal.say("  Vigil \(extensionVersion) installed by an ordinary role, plain SQL")

        heading("A sample world")
        let bar = ProgressBar()
        let now = Date().timeIntervalSince1970.rounded(.down)
        let world = SampleGraph.generate(
            SampleGraph.Options(seed: seed, now: now, entityCount: entityCount))
        var loaded = SampleIDs()
        try await loaded.load(world, now: now, on: database) {
            bar.show("writing \($0)", $1, of: $2)
        }
        bar.finish()
        let ids = loaded
        Terminal.say(
            """
              \(world.entities.count) entities, \(world.relationships.count) relationships, \
            \(world.observations.count) observations over \(world.options.monthsOfHistory) months
            """)

        heading("A model")
        var training = TrainingRun(seed: seed)
        training.foldCount = 0
        let outcome = try await training.run(on: database) {
            bar.show($0, $1, of: $2, unit: $2 == 100 ? "%" : "rows")
        }
        bar.finish()
        Terminal.say(
            """
              version \(outcome.model.version): isolation forest over 18 features, \
            \(outcome.model.card.trainingRowCount) entities, calibrated by type
            """)

        heading("The sidecar")
        try FileManager.default.createDirectory(
            atPath: pictures, withIntermediateDirectories: true)
        let logger = try FileLog.logger(writingTo: logFile)
        let health = SidecarHealth()
        let registry = MetricRegistry(SidecarMetrics.descriptions + SidecarHealth.descriptions)
        registry.add { health.samples(version: extensionVersion) }
        let sidecar = Sidecar(
            options: Sidecar.Options(
                conninfo: conninfo, seed: seed, threadCount: 2,
                metrics: SidecarMetrics(factory: registry), health: health),
            logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await sidecar.run() }
            if let http {
                let token = try await TokenStore.create(
                    name: "demo", role: "admin", days: 1, on: database)
                let desk = Desk(conninfo: conninfo)
                let events = EventFeed(desk: desk, logger: logger)
                let analysts = try AnalystRoutes(
                    desk: desk, events: events, version: extensionVersion, logger: logger)
                let server = OperationsServer(
                    at: http, registry: registry, health: health, parts: [analysts],
                    version: extensionVersion, logger: logger
                ) { address in
                    Terminal.say(
                        """
                          the page is at http://\(address)/
                          sign in with \(token)
                        """)
                }
                tasks.addTask { try await events.run() }
                tasks.addTask { try await server.run() }
            }
            tasks.addTask {
                try await show(world, ids, conninfo: conninfo, database)
                throw CancellationError()
            }
            defer { tasks.cancelAll() }
            // The show ends by cancelling; a sidecar that fails ends the show with its error.
            do {
                try await tasks.next()
            } catch is CancellationError {}
            tasks.cancelAll()
            while let result = await tasks.nextResult() {
                if case .failure(let error) = result, !Task.isCancelled,
                    !(error is CancellationError), !(error is PostgresError)
                {
                    throw error
                }
            }
        }
        await database.close()
    }

    private func show(
        _ world: SampleGraph, _ start: SampleIDs, conninfo: String, _ database: PostgresConnection
    ) async throws {
        let listener = try await PostgresConnection.connect(
            conninfo, applicationName: "vigil demo listener")
        try await listener.execute("LISTEN vigil_anomalies")
        var stage = DemoStage(database: database, listener: listener, ids: start)
        try await stage.waitUntilEverythingIsScored(logFile: logFile)
        var reference = world.entities.count + 1
        var flagged: [String] = []
        heading("Ordinary life: 40 transactions that deserve no flag")
        let instant = { Date().timeIntervalSince1970.rounded(.down) }
        let steps = SampleGraph.backgroundSteps(
            count: 40, on: world, seed: seed, now: instant(), firstReference: reference)
        reference += steps.map(\.entities.count).reduce(0, +)
        try await stage.play(steps, expecting: nil)
        for scenario in AttackScenario.allCases {
            let script = SampleGraph.steps(
                for: scenario, on: world, seed: seed, now: instant(), firstReference: reference)
            reference = script.nextReference
            heading(script.title)
            Terminal.say("  \(script.summary)")
            if let id = try await stage.play(script.transactions, expecting: script.flagged) {
                flagged.append(id)
            } else {
                Terminal.say("  not flagged")
            }
        }
        stage.tellLatency()
        heading("Pictures")
        for id in flagged {
            try await draw(id, on: database)
        }
        tellWhatToTry(conninfo, anomaly: flagged.first)
        await listener.close()
        if !endsByItself {
            Terminal.say(
                "\nThe sidecar goes on watching. Ctrl-C ends the demo and stops everything.")
            try await gracefulShutdown()
        }
    }

    private func draw(_ id: String, on database: PostgresConnection) async throws {
        for format in [DrawingFormat.svg, .png] {
            let bytes = try await AnomalyPicture.draw(
                id, format: format, hops: 1, nodeCountMax: 60, on: database)
            let file = "\(pictures)/\(id.prefix(8)).\(format.rawValue)"
            try Data(bytes).write(to: URL(filePath: file), options: .atomic)
            Terminal.say("  \(file)")
        }
    }

    private func tellWhatToTry(_ conninfo: String, anomaly: String?) {
        heading("Try next")
        let psql = "psql '\(conninfo)'"
        Terminal.say(
            """
              \(psql) -c 'SELECT * FROM vigil.anomalies_open LIMIT 10'
              \(psql) -Atc "SELECT vigil.explain_anomaly('\(anomaly ?? "...")')"
              \(psql) -Atc "SELECT vigil.anomaly_dot('\(anomaly ?? "...")')" | dot -Tsvg > anomaly.svg
            """)
    }

    private func heading(_ text: String) {
        Terminal.say("\n" + Terminal.colored(text, 1))
    }
}
