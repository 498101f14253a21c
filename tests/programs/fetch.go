package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
)

func main() {
	request, err := http.NewRequest("GET", "https://app.xtrakit.com/api/v1/customers/1", nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer 92857043717beff382ae75c8dc7514162f04")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	var body struct {
		Data struct {
			Customer struct {
				Name string `json:"customer_name"`
			} `json:"customer"`
		} `json:"data"`
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.StatusCode, body.Data.Customer.Name)
}
