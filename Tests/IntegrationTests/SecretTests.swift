import Foundation
import LocalCluster
import PostgresClient
import Testing

extension Integration {
    /// Passwords stay out of logs, of the process list and of what is printed; TLS is as libpq has it.
    @Suite("Secrets and TLS", .requiresProgram) struct SecretTests {
        private static let password = "hunter2-Z\u{FC}rich"

        @Test("A password is not in the process list, the log, the status or the printed settings")
        func passwordIsHidden() async throws {
            let cluster = try await LocalCluster.start(
                settings: [
                    "shared_buffers": "16MB", "log_min_messages": "panic",
                    "password_encryption": "scram-sha-256",
                ], durable: false,
                accessRules: ["local all guarded scram-sha-256", "local all all trust"])
            let database = try await VigilDatabase(in: cluster, name: "postgres")
            try await cluster.createRole(
                name: "guarded", options: "SUPERUSER PASSWORD '\(Self.password)'")
            let plain = cluster.conninfo(user: "guarded", database: "postgres")
            let dsn = plain + " password='\(Self.password)'"
            let program = try VigilProgram([
                "run", "--dsn", dsn, "--log-level", "trace", "--http", "127.0.0.1:0",
            ])
            let port = try await program.httpPort()
            try await eventually("the sidecar follows") {
                try await HTTPAnswer.get("/readyz", port: port).status
            } is: {
                $0 == 200
            }
            let list = FileManager.default.contents(
                atPath: "/proc/\(program.processID)/cmdline"
            ).map { String(decoding: $0, as: UTF8.self) }
            let arguments = try #require(list)
            #expect(arguments.contains("--dsn"), "\(arguments)")
            #expect(!arguments.contains("hunter2"), "\(arguments)")
            #expect(program.complaints.contains("could be seen in the process list"))
            var said = [program.complaints]
            // Its errors too: the server goes away and it connects in vain.
            for path in ["/metrics", "/readyz", "/healthz"] {
                said.append(try await HTTPAnswer.get(path, port: port).body)
            }
            try cluster.kill9()
            try await eventually("it connects again in vain") {
                program.complaints
            } is: {
                $0.contains("cannot be reached")
            }
            said.append(program.complaints)
            try await cluster.restart()
            program.send(SIGTERM)
            _ = try await program.outcome()
            for arguments in [
                ["status"], ["status", "--json"], ["check"], ["run", "--print-config"],
            ] {
                let outcome = try await VigilProgram(arguments + ["--dsn=\(dsn)"]).outcome()
                said.append("\(outcome)")
            }
            let printed = try await VigilProgram.run(
                "run", "--print-config", environment: ["VIGIL_DSN": dsn])
            #expect(printed.output.contains("password=****"), "\(printed)")
            #expect(printed.output.contains("environment, VIGIL_DSN"), "\(printed)")
            said.append("\(printed)")
            for text in said { #expect(!text.contains("hunter2"), "\(text)") }
            await database.session.close()
            try await cluster.stop()
        }

        @Test("A password from PGPASSFILE or the environment needs no warning")
        func passwordFile() async throws {
            let outcome = try await VigilProgram.run(
                "run", "--print-config", environment: ["PGPASSWORD": Self.password])
            #expect(outcome.status == 0, "\(outcome)")
            #expect(!"\(outcome)".contains("hunter2"))
            #expect(!outcome.complaints.contains("process list"), "\(outcome)")
        }

        @Test(
            "sslmode=verify-full connects to the server that the certificate names, and to no other"
        )
        func certificates() async throws {
            let folder = try TemporaryFolder()
            try await makeCertificate("server", in: folder)
            try await makeCertificate("stranger", in: folder)
            // Loopback has many addresses: this one is free of other tests' servers.
            let address =
                "127.\((1...254).randomElement() ?? 9).\((1...254).randomElement() ?? 9).7"
            let cluster = try await LocalCluster.start(
                settings: [
                    "shared_buffers": "16MB", "log_min_messages": "panic",
                    "listen_addresses": address, "ssl": "on",
                    "ssl_cert_file": "\(folder.path)/server.crt",
                    "ssl_key_file": "\(folder.path)/server.key",
                ], durable: false,
                accessRules: ["local all all trust", "hostssl all all \(address)/8 trust"])
            let database = try await VigilDatabase(in: cluster, name: "postgres")
            func dsn(_ host: String, root: String, mode: String = "verify-full") -> String {
                "host=\(host) hostaddr=\(address) port=5432 user=postgres dbname=postgres"
                    + " sslmode=\(mode) sslrootcert=\(folder.path)/\(root).crt"
            }
            let right = try await PostgresConnection.connect(
                dsn("localhost", root: "server"), applicationName: "vigil tests")
            #expect(
                try await right.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                    .bool(row: 0, column: 0))
            await right.close()
            try await database.addEntities(3)
            try await RunningSidecar.following(
                VigilDatabase(
                    in: cluster, name: "postgres", installs: false,
                    conninfo: dsn("localhost", root: "server"))
            ) { _ in }
            let refusals: [(dsn: String, status: Int32, words: [String])] = [
                (dsn("localhost", root: "stranger"), 69, ["verify failed", "sslrootcert"]),
                (dsn("elsewhere", root: "server"), 69, ["not match host name", "sslrootcert"]),
                (dsn("localhost", root: "server", mode: "disable"), 77, ["no encryption"]),
            ]
            for refusal in refusals {
                let outcome = try await VigilProgram.run("status", "--dsn", refusal.dsn)
                #expect(outcome.status == refusal.status, "\(outcome)")
                #expect(outcome.errorLines.count == 1, "\(outcome)")
                for word in refusal.words {
                    #expect(outcome.errorLines.first?.contains(word) == true, "\(outcome)")
                }
            }
            await database.session.close()
            try await cluster.stop()
        }

        /// A key and a certificate of its own for localhost, readable by the server alone.
        private func makeCertificate(_ name: String, in folder: TemporaryFolder) async throws {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = [
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                "-keyout", "\(folder.path)/\(name).key", "-out", "\(folder.path)/\(name).crt",
            ]
            process.standardError = FileHandle.nullDevice
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "openssl makes a certificate")
            chmod("\(folder.path)/\(name).key", 0o600)
            guard geteuid() == 0 else { return }
            for path in [folder.path, "\(folder.path)/\(name).key", "\(folder.path)/\(name).crt"] {
                try FileManager.default.setAttributes(
                    [.ownerAccountName: LocalCluster.superuser], ofItemAtPath: path)
            }
        }
    }
}
