import Testing

/// Which target may import what.
///
/// A change of this table is a change of the architecture.
enum House {
    /// What one target may import beside the standard library.
    struct Room: Sendable, CustomTestStringConvertible {
        var target: String
        /// Targets of this package that it may import.
        var targets: Set<String> = []
        /// Packages and system modules that it may import beside Foundation.
        var others: Set<String> = []
        /// Values in, values out: no I/O, no clock, no process.
        var isPure = false

        var testDescription: String { target }
    }

    static let rooms: [Room] = [
        Room(target: "ParallelLoops", others: ["Dispatch", "Glibc"], isPure: true),
        Room(target: "GraphEngine", targets: ["ParallelLoops"], isPure: true),
        Room(target: "GraphMetrics", targets: ["GraphEngine", "ParallelLoops"], isPure: true),
        Room(target: "LinearAlgebra", isPure: true),
        Room(target: "AnomalyModels", targets: ["LinearAlgebra", "ParallelLoops"], isPure: true),
        Room(
            target: "AnomalyDetection", targets: ["GraphEngine", "GraphMetrics", "AnomalyModels"],
            isPure: true),
        Room(
            target: "ModelTraining",
            targets: ["AnomalyDetection", "AnomalyModels", "GraphEngine", "ParallelLoops"],
            isPure: true),
        Room(target: "ChangeFeed", isPure: true),
        Room(target: "SampleGraph", targets: ["AnomalyModels"], isPure: true),
        Room(target: "GraphFiles", targets: ["CZlib"]),
        Room(target: "PostgresClient", targets: ["CLibPQ"], others: ["Glibc"]),
        Room(target: "GraphDrawing", targets: ["CGraphviz"]),
        Room(target: "LocalCluster"),
        Room(target: "Telemetry", others: ["Logging", "Metrics"]),
        Room(
            target: "Storage",
            targets: [
                "PostgresClient", "ChangeFeed", "AnomalyDetection", "AnomalyModels", "GraphEngine",
            ]),
        Room(target: "SampleLoading", targets: ["SampleGraph", "PostgresClient", "Storage"]),
        Room(
            target: "Sidecar",
            targets: [
                "Storage", "PostgresClient", "ChangeFeed", "ModelTraining", "AnomalyDetection",
                "AnomalyModels", "GraphEngine", "GraphMetrics", "GraphDrawing", "ParallelLoops",
                "Telemetry",
            ], others: ["Logging", "Metrics", "ServiceLifecycle", "DequeModule"]),
        Room(
            target: "OperationsServer", targets: ["Sidecar", "Telemetry"],
            others: [
                "Glibc", "HTTPTypes", "Hummingbird", "HummingbirdCore", "HummingbirdTLS", "Logging",
                "NIOCore", "NIOHTTP1", "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "NIOSSL",
                "NIOWebSocket",
                "ServiceLifecycle",
            ]),
        Room(
            target: "AnalystServer",
            targets: [
                "OperationsServer", "Sidecar", "Storage", "PostgresClient", "GraphDrawing",
                "AnomalyDetection",
            ],
            others: [
                "Crypto", "HTTPTypes", "Hummingbird", "HummingbirdCore", "Logging", "Mustache",
                "NIOCore", "NIOWebSocket", "ServiceLifecycle",
            ]),
        Room(
            target: "WebhookDelivery", targets: ["Storage", "PostgresClient"],
            others: [
                "AsyncHTTPClient", "Crypto", "Logging", "NIOCore", "NIOHTTP1", "ServiceLifecycle",
            ]),
        Room(
            target: "VigilCLI",
            targets: [
                "Sidecar", "OperationsServer", "AnalystServer", "WebhookDelivery", "Telemetry",
                "Storage", "PostgresClient", "GraphDrawing", "GraphFiles", "SampleGraph",
                "SampleLoading", "LocalCluster", "ModelTraining", "AnomalyDetection",
                "AnomalyModels", "GraphEngine", "GraphMetrics", "ParallelLoops",
            ], others: ["ArgumentParser", "Logging", "ServiceLifecycle", "UnixSignals"]),
    ]

    /// Modules of the toolchain that every target may import.
    static let common: Set<String> = ["Swift", "Foundation", "Synchronization"]

    /// C wrappers, and the one target that each belongs to.
    static let wrappers = [
        "CLibPQ": "PostgresClient", "CGraphviz": "GraphDrawing", "CZlib": "GraphFiles",
        "COpenBLAS": "LinearAlgebraTests",
    ]

    /// What code without I/O and clock does not speak of.
    static let impurities = [
        "Date()", "Date.now", "ContinuousClock", "SuspendingClock", "DispatchTime",
        "DispatchSource",
        "asyncAfter", "Task.sleep", "ProcessInfo", "FileManager", "FileHandle", "Data(contentsOf",
        "String(contentsOf", "URLSession", "getenv(", "fopen(", "open(", "clock_gettime",
        "time(nil)",
        "SystemRandomNumberGenerator", "print(", "UUID()", "CommandLine",
    ]
}
