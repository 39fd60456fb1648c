# What every example may use: a small git repository.
git init -q -b main .
git config user.name somebody
git config user.email somebody@example.org
for i in 1 2 3; do
    echo "$i" >file
    git add file
    git commit -q -m "Change $i"
done
git tag v1
