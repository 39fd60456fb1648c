# What every example may use: a small git repository, two logs, and a store with one of them.
git init -q -b main .
git config user.name somebody
git config user.email somebody@example.org
for i in 1 2 3; do
    echo "$i" >file
    git add file
    git commit -q -m "Change $i"
done
git tag v1
{ # the columns that weir recognises, and the same under other names
    echo "case,activity,time,key,status,changed"
    for i in $(seq 4690 4729); do
        day=$((i % 27 + 1))
        for step in "dev 08" "review 11" "qa 15" "release 19"; do
            printf '%d,%s,2026-03-%02dT%s:00:00Z,%d,%s,2026-03-%02dT%s:00:00Z\n' \
                "$i" "${step% *}" $day "${step#* }" "$i" "${step% *}" $day "${step#* }"
        done
    done
} >events.csv
cat >log.xes <<'XES'
<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0">
  <trace>
    <string key="concept:name" value="1"/>
    <event><string key="concept:name" value="dev"/><date key="time:timestamp" value="2026-03-01T08:00:00Z"/></event>
    <event><string key="concept:name" value="qa"/><date key="time:timestamp" value="2026-03-02T08:00:00Z"/></event>
  </trace>
</log>
XES
weir import events.csv
