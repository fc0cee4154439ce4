import LocalCluster
import PostgresClient
import TestSupport
import Testing

@Suite("A connection attempt", .tags(.postgres), .requiresPostgres)
struct ConnectionAttemptTests {
    private func failure(_ conninfo: String) async -> PostgresError? {
        await #expect(throws: PostgresError.self) {
            _ = try await PostgresConnection.connect(conninfo, applicationName: "vigil tests")
        }
    }

    @Test("takes a connection string or a URI, and shows its name to the server")
    func forms() async throws {
        let cluster = try await TestCluster.shared()
        let socket = cluster.socketDirectory.replacing("/", with: "%2F")
        for conninfo in [cluster.conninfo, "postgresql://postgres@\(socket):5432/postgres"] {
            let connection = try await PostgresConnection.connect(
                conninfo, applicationName: "vigil name")
            let result = try await connection.query(
                "SELECT current_setting('application_name'), current_setting('client_encoding')")
            #expect(try result.string(row: 0, column: 0) == "vigil name")
            #expect(try result.string(row: 0, column: 1) == "UTF8")
            #expect(await connection.serverVersion >= 150_000)
        }
    }

    @Test("says which socket is missing")
    func missingSocket() async {
        let error = await failure("host=/tmp/no-such-folder port=5433 user=u dbname=d")
        #expect(error?.code == .connectionFailed)
        let expected = """
            PostgreSQL cannot be reached at socket /tmp/no-such-folder/.s.PGSQL.5433, \
            database "d", user "u": No such file or directory
            """
        #expect(error?.message == expected)
        #expect(error?.hint != nil)
    }

    @Test("says which port nobody listens on")
    func refusedPort() async {
        let error = await failure("host=127.0.0.1 port=1 user=u dbname=d")
        #expect(error?.code == .connectionFailed)
        #expect(error?.message.contains("127.0.0.1, port 1") == true)
        #expect(error?.message.contains("Connection refused") == true)
    }

    @Test("names a missing database and how to make it")
    func missingDatabase() async throws {
        let cluster = try await TestCluster.shared()
        let error = await failure(cluster.conninfo(database: "no_such_db"))
        #expect(error?.code == .databaseMissing)
        #expect(error?.sqlState == "3D000")
        #expect(error?.hint == "create it with: createdb no_such_db")
    }

    @Test("names a user that does not exist")
    func missingUser() async throws {
        let cluster = try await TestCluster.shared()
        let error = await failure(cluster.conninfo(user: "no_such_user"))
        #expect(error?.code == .authenticationFailed)
        #expect(error?.sqlState == "28000")
        #expect(error?.message.contains("\"no_such_user\"") == true)
    }

    @Test("never repeats a password", arguments: ["secret ' password=hunter2", "x://u:hunter2@h"])
    func malformedConninfo(text: String) async {
        let error = await failure(text)
        #expect(error?.code == .invalidConnectionString)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test("says what is wrong with a connection string that holds no password")
    func unknownKeyword() async {
        let error = await failure("hots=here")
        #expect(error?.code == .invalidConnectionString)
        #expect(error?.message.contains("hots") == true)
    }

    @Test("is refused for a wrong password, and for none")
    func password() async throws {
        let cluster = try await LocalCluster.start(
            durable: false,
            accessRules: ["local all guarded scram-sha-256", "local all all trust"])
        try await cluster.createRole(name: "guarded", options: "PASSWORD 'right'")
        let conninfo = cluster.conninfo(user: "guarded")
        let wrong = await failure(conninfo + " password=hunter2")
        #expect(wrong?.code == .authenticationFailed)
        #expect(wrong?.sqlState == "28P01")
        #expect(wrong?.description.contains("hunter2") == false)
        let none = await failure(conninfo + " passfile=/dev/null")
        #expect(none?.code == .authenticationFailed)
        let right = try await PostgresConnection.connect(
            conninfo + " password=right", applicationName: "vigil tests")
        #expect(try await right.query("SELECT 1").rowCount == 1)
        try await cluster.stop()
    }
}

@Suite("A connection", .tags(.postgres), .requiresPostgres)
struct ConnectionTests {
    @Test("that was closed says so")
    func closed() async throws {
        let connection = try await TestCluster.connect()
        await connection.close()
        await connection.close()
        #expect(await !connection.isUsable)
        let error = await #expect(throws: PostgresError.self) {
            try await connection.query("SELECT 1")
        }
        #expect(error?.code == .connectionLost)
        await #expect(throws: PostgresError.self) {
            try await connection.waitForNotification(timeout: .seconds(1))
        }
        await #expect(throws: PostgresError.self) {
            try await connection.pipeline([Statement("SELECT 1")])
        }
        await #expect(throws: PostgresError.self) { try await connection.copyIn("COPY") { nil } }
    }

    @Test("is lost when its session is ended during a query", arguments: [false, true])
    func endedDuringQuery(inPipeline: Bool) async throws {
        let connection = try await TestCluster.connect()
        let observer = try await TestCluster.connect()
        let processID = await connection.processID
        let task = Task { () async throws in
            if inPipeline {
                _ = try await connection.pipeline([
                    Statement("BEGIN"), Statement("SELECT pg_sleep(600)"), Statement("COMMIT"),
                ])
            } else {
                _ = try await connection.query("SELECT pg_sleep(600)")
            }
        }
        try await observer.waitUntil(
            "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = $1",
            [.int32(processID)])
        _ = try await observer.query("SELECT pg_terminate_backend($1)", [.int32(processID)])
        let error = await #expect(throws: PostgresError.self) { try await task.value }
        #expect(error?.code == .connectionLost)
        #expect(error?.sqlState == "57P01")
        #expect(await !connection.isUsable)
    }

    @Test("keeps calls of several tasks apart")
    func severalTasks() async throws {
        let connection = try await TestCluster.connect()
        let sum = try await withThrowingTaskGroup(of: Int64.self) { group in
            for number in 1...50 {
                group.addTask {
                    try await connection.query("SELECT $1", [.int64(Int64(number))])
                        .int64(row: 0, column: 0)
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 50 * 51 / 2)
    }

    @Test("serves a task on its own thread, and shares the thread with another connection")
    func sharedExecutor() async throws {
        let executor = BlockingExecutor()
        let conninfo = try await TestCluster.shared().conninfo
        let first = try await PostgresConnection.connect(
            conninfo, applicationName: "vigil tests", on: executor)
        let second = try await PostgresConnection.connect(
            conninfo, applicationName: "vigil tests", on: executor)
        let count = try await withTaskExecutorPreference(executor) {
            executor.checkIsolated()
            let one = try await first.query("SELECT 1")
            executor.checkIsolated()
            return one.rowCount + (try await second.query("SELECT 1 UNION SELECT 2")).rowCount
        }
        #expect(count == 3)
    }
}
