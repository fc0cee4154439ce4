import PostgresClient

/// Rights, triggers and attached tables.
extension DeploymentCheck {
    func rights() async throws -> [CheckFinding] {
        let role = try await text("SELECT current_user::text") ?? "-"
        if try await text("SHOW is_superuser") == "on" {
            return [
                CheckFinding(
                    "rights", .warning, "role \(role) is a superuser",
                    advice:
                        "CREATE ROLE vigil_worker LOGIN; GRANT vigil_reader, vigil_sidecar TO vigil_worker"
                )
            ]
        }
        let isOwner = try await text(
            """
            SELECT pg_has_role(relowner, 'USAGE')::text FROM pg_class WHERE oid = 'vigil.entities'::regclass
            """)
        if isOwner == "true" {
            return [CheckFinding("rights", .ok, "role \(role) owns Vigil")]
        }
        let lacking = try await text(
            """
            SELECT string_agg(needed.role, ', ')
            FROM unnest('{vigil_reader,vigil_sidecar}'::text[]) AS needed (role)
            LEFT JOIN pg_roles AS r ON r.rolname = needed.role
            WHERE r.oid IS NULL OR NOT pg_has_role(r.oid, 'USAGE')
            """)
        if let lacking {
            return [
                CheckFinding(
                    "rights", .problem, "role \(role) is no member of \(lacking)",
                    advice: "GRANT \(lacking) TO \(role), as the owner of Vigil or a superuser")
            ]
        }
        let missing = try await text(
            """
            SELECT string_agg(format('%s on %s', privilege, object), ', ') FROM (VALUES
                ('vigil.feed_state', 'UPDATE'), ('vigil.entities', 'SELECT'), ('vigil.relationships', 'SELECT'),
                ('vigil.observation_history', 'SELECT'), ('vigil.entity_scores', 'INSERT'),
                ('vigil.relationship_scores', 'INSERT'), ('vigil.entity_metrics', 'INSERT'),
                ('vigil.sidecars', 'INSERT')) AS needed (object, privilege)
            WHERE NOT has_table_privilege(object, privilege)
            """)
        if let missing {
            return [
                CheckFinding(
                    "rights", .problem, "role \(role) lacks \(missing)",
                    advice: "SELECT vigil.grant_roles(), as the owner of Vigil")
            ]
        }
        return [
            CheckFinding("rights", .ok, "role \(role) may read and write what the sidecar does")
        ]
    }

    /// All triggers of the installation are there and fire.
    func triggers() async throws -> [CheckFinding] {
        let present = try await rows(
            """
            SELECT c.relname::text, t.tgname::text, t.tgenabled::text
            FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
            WHERE c.relnamespace = 'vigil'::regnamespace AND NOT t.tgisinternal
            """)
        let states = Dictionary(present.map { ("\($0[1]) on vigil.\($0[0])", $0[2]) }) { one, _ in
            one
        }
        let expected = Self.triggerNames(in: installationScript)
        let missing = expected.filter { states[$0] == nil }
        let silent = expected.filter { states[$0] == "D" || states[$0] == "R" }
        var findings: [CheckFinding] = []
        if !missing.isEmpty {
            findings.append(
                CheckFinding(
                    "triggers", .problem, "missing: \(missing.joined(separator: ", "))",
                    advice:
                        "changes may have been missed: restore the schema, then SELECT vigil.reset_feed('triggers were missing')"
                ))
        }
        if !silent.isEmpty {
            findings.append(
                CheckFinding(
                    "triggers", .problem, "disabled: \(silent.joined(separator: ", "))",
                    advice:
                        "ALTER TABLE ... ENABLE TRIGGER ..., then SELECT vigil.reset_feed('triggers were disabled'): all is loaded again"
                ))
        }
        if findings.isEmpty {
            findings.append(
                CheckFinding("triggers", .ok, "all \(expected.count) are there and fire"))
        }
        return findings
    }

    /// The triggers that the installation makes, each as "name on vigil.table".
    static func triggerNames(in script: String) -> [String] {
        let pattern = /CREATE (?:CONSTRAINT )?TRIGGER (\w+)\s[^;]*?\sON vigil\.(\w+)/
        return script.matches(of: pattern).map { "\($0.1) on vigil.\($0.2)" }.sorted()
    }

    func attachedTables() async throws -> [CheckFinding] {
        let attached = try await rows(
            """
            SELECT attached, state, coalesce(pending, 0)::text, coalesce(parked, 0)::text,
                coalesce(rejected, 0)::text, coalesce(last_reason, '')
            FROM vigil.attached_tables
            """)
        guard !attached.isEmpty else {
            return [CheckFinding("attached tables", .ok, "none")]
        }
        var findings: [CheckFinding] = []
        for table in attached {
            let (name, state) = (table[0], table[1])
            switch state {
            case "following", "being filled": break
            case "to be filled", "back-fill interrupted":
                findings.append(
                    CheckFinding(
                        "attached tables", .warning, "\(name): \(state)",
                        advice: "CALL vigil.backfill('\(name)')"))
            default:
                findings.append(
                    CheckFinding(
                        "attached tables", .problem, "\(name): \(state)",
                        advice:
                            "see docs/attach.md; afterwards CALL vigil.backfill('\(name)') compares and repairs"
                    ))
            }
            if table[4] != "0" {
                findings.append(
                    CheckFinding(
                        "attached tables", .warning,
                        "\(name): \(table[4]) rows could not be mirrored, the last because: \(table[5])",
                        advice: "SELECT * FROM vigil.rejected_rows"))
            }
            if table[3] != "0" {
                findings.append(
                    CheckFinding(
                        "attached tables", .warning,
                        "\(name): \(table[3]) relationships wait for an end that is not there",
                        advice: "SELECT * FROM vigil.parked_relationships"))
            }
        }
        if findings.isEmpty {
            findings.append(CheckFinding("attached tables", .ok, "\(attached.count), all followed"))
        }
        return findings
    }
}
