package import Testing

extension Tag {
    /// Tests that need a real PostgreSQL server.
    @Tag package static var postgres: Self
}

extension Trait where Self == ConditionTrait {
    /// Skips a test, and says so, where no PostgreSQL server is installed.
    package static var requiresPostgres: Self {
        .enabled("PostgreSQL 15 or newer is not installed: apt-get install postgresql") {
            await TestCluster.isInstalled()
        }
    }
}
