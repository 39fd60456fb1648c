# Saved bodies and answers for the examples.
mkdir bodies answers
printf '%s\n' '{"headers":{"X-GitHub-Event":"issues"},"body":{"action":"opened","issue":{"number":1,"created_at":"2026-03-02T09:00:00Z","updated_at":"2026-03-02T09:00:00Z","user":{"login":"a","type":"User"}},"repository":{"full_name":"acme/shop","html_url":"https://github.com/acme/shop"},"sender":{"login":"a","type":"User"}}}' >bodies/1.json
printf '%s\n' '{"issues":[{"key":"SHOP-1","self":"https://jira.example/rest/api/2/issue/1","fields":{"created":"2026-03-02T09:00:00.000+0000","updated":"2026-03-02T09:00:00.000+0000","status":{"id":"1","name":"To Do","statusCategory":{"key":"new"}},"project":{"key":"SHOP"}},"changelog":{"histories":[]}}]}' >answers/1.json
