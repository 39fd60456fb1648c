#include "peer.h"

#include <stdio.h>

status peer_open(struct peer *p, const char *path, struct error *why)
{
    *p = (struct peer){0};
    if (duckdb_open(path, &p->database) != DuckDBSuccess ||
        duckdb_connect(p->database, &p->connection) != DuckDBSuccess) {
        return error_set(why, "DuckDB does not open");
    }
    return OK;
}

void peer_close(struct peer *p)
{
    duckdb_disconnect(&p->connection);
    duckdb_close(&p->database);
}

status peer_run(struct peer *p, const char *sql, struct error *why)
{
    duckdb_prepared_statement statement = NULL;
    duckdb_result result = {0};
    status_code code = OK;
    if (duckdb_prepare(p->connection, sql, &statement) != DuckDBSuccess) {
        code = error_set(why, "DuckDB: %s", duckdb_prepare_error(statement));
    } else if (duckdb_execute_prepared_streaming(statement, &result) != DuckDBSuccess) {
        code = error_set(why, "DuckDB: %s", duckdb_result_error(&result));
        duckdb_destroy_result(&result);
    } else {
        duckdb_data_chunk chunk;
        while ((chunk = duckdb_fetch_chunk(result)) != NULL) {
            duckdb_destroy_data_chunk(&chunk);
        }
        const char *message = duckdb_result_error(&result);
        if (message != NULL && *message != '\0') {
            code = error_set(why, "DuckDB: %s", message);
        }
        duckdb_destroy_result(&result);
    }
    duckdb_destroy_prepare(&statement);
    return code;
}

status peer_threads(struct peer *p, int threads, struct error *why)
{
    char sql[40];
    snprintf(sql, sizeof sql, "SET threads = %d", threads);
    return peer_run(p, sql, why);
}
