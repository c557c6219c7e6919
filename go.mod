module smtpsh

go 1.26
