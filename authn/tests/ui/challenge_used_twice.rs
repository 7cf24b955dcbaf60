use skeleton_authn::AwaitingPassword;
use skeleton_authn::Challenge;
use skeleton_authn::Passed;
use skeleton_authn::Password;
use skeleton_tokens::ClientId;

async fn guessed_twice(challenge: Challenge<AwaitingPassword>, one: Password, other: Password) {
    let _ = challenge.password(&one).await;
    let _ = challenge.password(&other).await;
}

async fn started_twice(challenge: Challenge<Passed>, client: ClientId) {
    let _ = challenge.start_session(client.clone()).await;
    let _ = challenge.start_session(client).await;
}

fn main() {}
