// swift-tools-version: 6.2
import PackageDescription

/// Settings that every Swift target shares; see docs/architecture.md for the reasons.
let common: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// x86-64-v3 (AVX2, FMA, popcount) reaches Swift's own code generation through the clang importer.
/// `VIGIL_MARCH=native` builds for this machine alone; `VIGIL_MARCH=none` keeps the baseline.
#if arch(x86_64)
    let march = Context.environment["VIGIL_MARCH"] ?? "x86-64-v3"
#else
    let march = Context.environment["VIGIL_MARCH"] ?? "none"
#endif
let machine: [SwiftSetting] =
    march == "none" ? [] : [.unsafeFlags(["-Xcc", "-march=\(march)"])]

/// Kernel targets check their inputs at the door and then run without bounds checks in release.
let kernel: [SwiftSetting] =
    common + machine + [.unsafeFlags(["-Ounchecked"], .when(configuration: .release))]

let argumentParser: Target.Dependency =
    .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency =
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let unixSignals: Target.Dependency =
    .product(name: "UnixSignals", package: "swift-service-lifecycle")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let asyncHTTPClient: Target.Dependency =
    .product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbirdTLS: Target.Dependency = .product(
    name: "HummingbirdTLS", package: "hummingbird")
let webSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")

let package = Package(
    name: "vigil",
    products: [.executable(name: "vigil", targets: ["VigilCLI"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.30.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C libraries: a module map and a shim each, imported by one Swift target each. OpenBLAS is only
        // what the tests compare with: docs/decisions/0008.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CGraphviz", pkgConfig: "libgvc", providers: [.apt(["libgraphviz-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),

        // The pure middle: values in, values out; no I/O and no clock.
        .target(name: "ParallelLoops", swiftSettings: kernel),
        .target(name: "GraphEngine", dependencies: ["ParallelLoops"], swiftSettings: kernel),
        .target(
            name: "GraphMetrics", dependencies: ["GraphEngine", "ParallelLoops"],
            swiftSettings: kernel),
        // Optimised in debug too, with its checks: tests train networks.
        .target(
            name: "LinearAlgebra",
            swiftSettings: kernel + [
                .unsafeFlags(["-O"], .when(configuration: .debug))
            ]),
        .target(
            name: "AnomalyModels", dependencies: ["LinearAlgebra", "ParallelLoops"],
            swiftSettings: kernel),
        .target(
            name: "AnomalyDetection",
            dependencies: ["GraphEngine", "GraphMetrics", "AnomalyModels"],
            swiftSettings: common + machine),
        .target(
            name: "ModelTraining",
            dependencies: [
                "AnomalyDetection", "AnomalyModels", "GraphEngine", "ParallelLoops",
            ],
            swiftSettings: common + machine),
        .target(name: "ChangeFeed", swiftSettings: common),
        .target(
            name: "SampleGraph", dependencies: ["AnomalyModels"], swiftSettings: common),

        // The edges: files, the database, Graphviz, processes.
        .target(name: "GraphFiles", dependencies: ["CZlib"], swiftSettings: common),
        .target(name: "PostgresClient", dependencies: ["CLibPQ"], swiftSettings: common),
        .target(name: "GraphDrawing", dependencies: ["CGraphviz"], swiftSettings: common),
        .target(name: "LocalCluster", swiftSettings: common),
        .target(
            name: "Telemetry", dependencies: [metrics, logging], swiftSettings: common),
        .target(
            name: "Storage",
            dependencies: [
                "PostgresClient", "ChangeFeed", "AnomalyDetection", "AnomalyModels", "GraphEngine",
            ],
            swiftSettings: common,
            plugins: ["EmbedSQL"]),
        .target(
            name: "Sidecar",
            dependencies: [
                "Storage", "PostgresClient", "ChangeFeed", "AnomalyDetection", "AnomalyModels",
                "GraphEngine", "GraphMetrics", "GraphDrawing", "ModelTraining", "ParallelLoops",
                "Telemetry", lifecycle, logging, metrics,
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: common),
        .target(
            name: "OperationsServer",
            dependencies: [
                "Sidecar", "Telemetry", hummingbird, hummingbirdTLS, webSocket, lifecycle, logging,
            ],
            swiftSettings: common),
        .target(
            name: "AnalystServer",
            dependencies: [
                "OperationsServer", "Sidecar", "Storage", "PostgresClient", "GraphDrawing",
                "AnomalyDetection", hummingbird, webSocket, mustache, crypto, lifecycle, logging,
            ],
            resources: [.embedInCode("Page/Assets")],
            swiftSettings: common),
        .target(
            name: "WebhookDelivery",
            dependencies: [
                "Storage", "PostgresClient", asyncHTTPClient, crypto, lifecycle, logging,
            ],
            swiftSettings: common),
        .target(
            name: "SampleLoading", dependencies: ["SampleGraph", "Storage", "PostgresClient"],
            swiftSettings: common),
        .executableTarget(
            name: "VigilCLI",
            dependencies: [
                "Sidecar", "OperationsServer", "AnalystServer", "WebhookDelivery", "Telemetry",
                "Storage", "PostgresClient", "GraphDrawing", "GraphFiles",
                "SampleGraph", "SampleLoading", "LocalCluster", "ModelTraining", "AnomalyDetection",
                "AnomalyModels", "GraphEngine", "GraphMetrics", "ParallelLoops", argumentParser,
                logging, lifecycle, unixSignals,
            ],
            swiftSettings: common),
        .plugin(name: "EmbedSQL", capability: .buildTool()),
        .target(
            name: "BenchmarkSupport",
            dependencies: [
                "Storage", "PostgresClient", "SampleGraph", "SampleLoading", "LocalCluster",
            ],
            path: "Benchmarks/BenchmarkSupport", swiftSettings: common),
        .executableTarget(
            name: "load-benchmark",
            dependencies: [
                "BenchmarkSupport", "Sidecar", "Storage", "PostgresClient", "ChangeFeed",
                "AnomalyDetection", "AnomalyModels", "LocalCluster", argumentParser,
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            path: "Benchmarks/Load", swiftSettings: common),
        .executableTarget(
            name: "judgement-benchmark",
            dependencies: [
                "BenchmarkSupport", "Sidecar", "Storage", "PostgresClient", "AnomalyDetection",
                "LocalCluster", argumentParser, logging,
            ],
            path: "Benchmarks/Judgement", swiftSettings: common),
        .executableTarget(
            name: "training-benchmark",
            dependencies: [
                "BenchmarkSupport", "Sidecar", "PostgresClient", "LocalCluster", argumentParser,
            ],
            path: "Benchmarks/Training", swiftSettings: common),
        .executableTarget(
            name: "vigil-torture",
            dependencies: [
                "Storage", "PostgresClient", "LocalCluster", "AnomalyModels", argumentParser,
            ],
            path: "Benchmarks/Torture", swiftSettings: common),
        .executableTarget(
            name: "graph-benchmark",
            dependencies: ["GraphEngine", "GraphFiles", "GraphMetrics", argumentParser],
            path: "Benchmarks/GraphMetrics", swiftSettings: common),
        .executableTarget(
            name: "model-benchmark",
            dependencies: ["AnomalyModels", "LinearAlgebra", "GraphFiles", argumentParser],
            path: "Benchmarks/ModelBenchmark", swiftSettings: common),

        // Tests: one suite a target, and the whole against a real PostgreSQL.
        .testTarget(
            name: "GraphEngineTests", dependencies: ["GraphEngine", "AnomalyModels"],
            swiftSettings: common),
        .testTarget(
            name: "GraphMetricsTests", dependencies: ["GraphMetrics", "GraphEngine"],
            swiftSettings: common),
        .testTarget(
            name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "COpenBLAS"],
            swiftSettings: common),
        .testTarget(
            name: "AnomalyModelsTests", dependencies: ["AnomalyModels"], swiftSettings: common),
        .testTarget(
            name: "AnomalyDetectionTests",
            dependencies: [
                "AnomalyDetection", "AnomalyModels", "GraphEngine", "GraphMetrics", "TestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "ModelTrainingTests",
            dependencies: [
                "ModelTraining", "AnomalyDetection", "AnomalyModels", "GraphFiles", "TestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "ChangeFeedTests", dependencies: ["ChangeFeed", "AnomalyModels"],
            swiftSettings: common),
        .testTarget(
            name: "SampleGraphTests", dependencies: ["SampleGraph", "AnomalyModels", "GraphFiles"],
            swiftSettings: common),
        .testTarget(
            name: "GraphFilesTests", dependencies: ["GraphFiles"], swiftSettings: common),
        .testTarget(
            name: "GraphDrawingTests", dependencies: ["GraphDrawing"], swiftSettings: common),
        .testTarget(
            name: "PostgresClientTests",
            dependencies: ["PostgresClient", "LocalCluster", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Storage", "AnomalyDetection", "GraphDrawing"],
            swiftSettings: common),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Sidecar", "Storage", "PostgresClient", "ChangeFeed", "AnomalyDetection",
                "AnomalyModels", "LocalCluster", "TestSupport", "VigilCLI", "OperationsServer",
                "AnalystServer", "WebhookDelivery", "Telemetry", logging, lifecycle, hummingbird,
                crypto,
            ],
            swiftSettings: common),
        .testTarget(
            name: "TelemetryTests", dependencies: ["Telemetry", metrics, logging],
            swiftSettings: common),
        .testTarget(name: "ArchitectureTests", swiftSettings: common),
        .target(
            name: "TestSupport",
            dependencies: ["PostgresClient", "LocalCluster", "AnomalyDetection"],
            path: "Tests/TestSupport", swiftSettings: common),
    ]
)
